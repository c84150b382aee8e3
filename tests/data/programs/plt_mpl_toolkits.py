# A plot in three dimensions, an animation object, a style.
import matplotlib.pyplot as plt, numpy as np
ax = plt.figure().add_subplot(projection="3d")
ax.plot_surface(*np.meshgrid(np.arange(3), np.arange(3)), np.ones((3, 3)))
plt.savefig("a.png")
with plt.style.context("ggplot"):
    print(plt.rcParams["axes.facecolor"])
print(type(ax).__name__, plt.rcParams["axes.facecolor"], open("a.png", "rb").read(4))
