import numpy as np

prices = np.array([[10.0, 11.0, 9.5, 10.5], [10.5, 12.0, 10.0, 11.75], [11.75, 11.8, 11.0, 11.1]])
open, high, low, close = prices.T
gaps = open[1:] - close[:-1]
true_range = np.maximum(high - low, np.abs(high - np.roll(close, 1)))
print(gaps, true_range.round(2))
print("up days:", int((close > open).sum()))
eval = close.mean() - open.mean()
print(f"mean move {eval:.3f}")
