# Pandas: frames, groups, CSV, description.
import io
import pandas as pd
frame = pd.read_csv(io.StringIO("name,n,x\na,1,1.5\nb,2,2.5\na,3,\n"))
print(frame, frame.describe(), frame.dtypes, sep="\n")
print(frame.groupby("name").agg({"n": "sum", "x": "mean"}), frame.pivot_table(index="name", values="n"))
frame.info()
print(frame.to_json(), frame.to_csv(index=False), frame.merge(frame, on="name").shape, pd.__version__)
