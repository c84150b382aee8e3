import matplotlib.pyplot as plt
import numpy as np

rng = np.random.default_rng(3)
data = rng.normal(size=500)

fig, axes = plt.subplots(2, 2, figsize=(8, 6))
axes[0, 0].hist(data, bins=30, color="steelblue")
axes[0, 1].boxplot(data)
axes[1, 0].scatter(data[:-1], data[1:], s=4)
axes[1, 1].bar(["eval", "exec", "open"], [3, 1, 7])
for ax, title in zip(axes.flat, ("histogram", "box", "lag", "calls")):
    ax.set_title(title)
plt.savefig("/tmp/out.png")
plt.close(fig)
