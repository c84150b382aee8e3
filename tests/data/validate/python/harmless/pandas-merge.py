import pandas as pd

customers = pd.DataFrame({"id": [1, 2, 3], "name": ["Ann", "Bo", "Cy"]})
orders = pd.DataFrame({"customer": [1, 1, 3, 4], "total": [20, 35, 5, 99]})

merged = customers.merge(orders, how="left", left_on="id", right_on="customer")
merged["total"] = merged["total"].fillna(0)
print(merged.drop(columns="customer"))

unmatched = orders[~orders["customer"].isin(customers["id"])]
assert len(unmatched) == 1
