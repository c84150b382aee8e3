import numpy as np
import pandas as pd

index = pd.date_range("2024-01-01", periods=90, freq="D")
series = pd.Series(np.sin(np.arange(90) / 7), index=index, name="signal")

weekly = series.resample("W").mean()
rolling = series.rolling(window=7, min_periods=1).mean()
shifted = series - series.shift(1)
print(weekly.describe())
print(rolling.tail(3), shifted.abs().max())
