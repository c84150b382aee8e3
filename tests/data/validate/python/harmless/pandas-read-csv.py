import pandas as pd

df = pd.read_csv("data.csv", parse_dates=["date"], dtype={"code": "string"})
df = df.dropna(subset=["value"]).drop_duplicates()
df["month"] = df["date"].dt.to_period("M")
monthly = df.groupby("month", as_index=False)["value"].sum()
monthly.to_csv("out.csv", index=False)
monthly.to_json("out.json", orient="records")
print(monthly.head())
