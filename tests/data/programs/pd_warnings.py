# Warnings of Pandas.
import pandas as pd
frame = pd.DataFrame({"a": [1, 2, 3]})
part = frame[frame.a > 1]
part["b"] = 1
frame.append({"a": 5}, ignore_index=True)
frame.iteritems()
print(pd.to_datetime(["13/01/2020", "01/02/2020"]))
