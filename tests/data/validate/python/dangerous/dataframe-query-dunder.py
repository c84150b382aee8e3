import pandas as pd

frame = pd.DataFrame({"a": [1]})
print(frame.query("@pd.compat.__class__ != a"))  #! python.pandas-query
