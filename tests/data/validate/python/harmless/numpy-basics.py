import numpy as np

a = np.arange(12).reshape(3, 4)
print(a.shape, a.dtype, a.sum(axis=0))
print(a[a % 2 == 0])
print(np.linspace(0.0, 1.0, 5))
print((a @ a.T).trace())
