import numpy as np

data = np.random.default_rng(0).random((10, 3))
np.save("data.npy", data)
np.savetxt("data.txt", data, fmt="%.4f", delimiter=",")
np.savez_compressed("/tmp/data.npz", first=data, second=data * 2)

again = np.load("data.npy")
text = np.loadtxt("data.txt", delimiter=",")
with np.load("/tmp/data.npz", allow_pickle=False) as archive:
    print(sorted(archive.files), archive["second"].mean())
print(np.allclose(again, text, atol=1e-3))
