# Dates and zones in Pandas.
import pandas as pd
i = pd.date_range("2024-03-30", periods=4, freq="12H", tz="Europe/Vienna")
print(i, pd.Series(range(4), index=i).resample("D").sum(), pd.Timestamp("2024-01-01").tz_localize("UTC"), pd.Timedelta("1 days 2 hours"))
print(pd.Timestamp.now().year > 2000, pd.Timestamp.now().tz)
