import numpy as np

data = np.load("model.npy", allow_pickle=True).item()  #! python.numpy-pickle
print(data["weights"])
