# Figures that are shown, two at once and one later, become files; what show() says and leaves.
import os
import matplotlib.pyplot as plt
for height in (1, 2):
    plt.figure()
    plt.plot([0, height])
print(plt.show(), plt.get_fignums(), sorted(os.listdir(".")))
fig, ax = plt.subplots(figsize=(2, 1))
ax.bar(["a", "b"], [1, 2])
plt.show()
print(plt.get_fignums(), sorted(os.listdir(".")), fig.canvas.manager is None)
