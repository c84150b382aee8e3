# Pandas draws with Matplotlib.
import pandas as pd
import matplotlib.pyplot as plt
ax = pd.DataFrame({"a": [1, 3, 2]}).plot(title="from pandas")
print(type(ax).__name__, ax.get_title(), len(ax.lines), plt.get_fignums())
pd.Series([1, 2], index=pd.to_datetime(["2020-01-01", "2020-01-02"])).plot()
plt.savefig("p.png")
print(open("p.png", "rb").read(4), sorted(k.__name__ for k in __import__("matplotlib").units.registry))
