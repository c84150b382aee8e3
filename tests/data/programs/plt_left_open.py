# Figures that are open at the end become files, after what the program has registered for its end.
import atexit
import os
import matplotlib.pyplot as plt
plt.plot([1, 2, 3])
plt.figure()
plt.plot([3, 2, 1])
plt.savefig("mine.png")
plt.figure()
atexit.register(lambda: (plt.plot([1]), print(plt.get_fignums(), sorted(os.listdir(".")))))
raise SystemExit(3)
