import pandas as pd

df = pd.DataFrame({"os": ["linux", "mac"], "system": [1, 2], "eval": [0.5, 0.75], "exec": [3, 4]})
print(df.os.value_counts())
print(df["os"].str.upper(), df.system.sum(), df["eval"].mean(), df.exec.max())
df["open"] = [101.0, 99.5]
df["compile"] = df["open"] * 2
df = df.rename(columns={"exec": "executions", "system": "subprocess"})
print(df[["subprocess", "executions", "eval"]])
