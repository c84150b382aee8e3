# Frames to files; pickles; SQL.
import pandas as pd, sqlite3
frame = pd.DataFrame({"a": [1, 2], "b": list("xy"), "t": pd.to_datetime(["2020-01-01", "2021-01-01"])})
frame.to_pickle("f.pkl"); frame.to_csv("f.csv.gz")
print(pd.read_pickle("f.pkl").equals(frame), pd.read_csv("f.csv.gz"))
db = sqlite3.connect(":memory:")
frame.to_sql("t", db)
print(pd.read_sql("select * from t", db))
for attempt in (lambda: frame.to_parquet("p"), lambda: pd.read_html("<table>"), lambda: pd.read_csv("http://127.0.0.1/x"), lambda: pd.read_csv("missing.csv")):
    try:
        attempt()
    except Exception as error:
        print(type(error).__name__, error)
