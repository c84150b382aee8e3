import pandas as pd

df = pd.DataFrame(
    {
        "city": ["Bonn", "Bonn", "Kiel", "Kiel", "Ulm"],
        "year": [2022, 2023, 2022, 2023, 2023],
        "sales": [10.5, 12.0, 7.25, 8.0, 3.5],
    }
)
summary = df.groupby("city")["sales"].agg(["sum", "mean", "count"])
print(summary.sort_values("sum", ascending=False))
print(df.pivot_table(index="city", columns="year", values="sales", aggfunc="sum", fill_value=0))
summary.to_csv("out.csv")
