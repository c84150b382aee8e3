# Arrays to files and back.
import numpy as np, os
a = np.arange(1000).reshape(10, 100)
np.save("a.npy", a); np.savez("a.npz", a=a, b=a * 2); np.savetxt("a.txt", a[:2, :3])
print((np.load("a.npy") == a).all(), np.load("a.npz")["b"].sum(), np.loadtxt("a.txt"))
m = np.memmap("m.dat", dtype="i4", mode="w+", shape=(10,))
m[:] = 7; m.flush()
print(np.fromfile("m.dat", "i4").sum(), sorted(os.listdir(".")))
try:
    np.show_config
    print(hasattr(np, "show_config"))
except AttributeError as error:
    print(error)
