# Fails in pandas.
import pandas as pd
frame = pd.DataFrame({"a": [1]})
frame["b"]
