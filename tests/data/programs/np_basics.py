# NumPy: means, products, linear algebra, transforms.
import numpy as np
a = np.arange(12.0).reshape(3, 4)
print(np.mean([1, 2, 3, 4, 5]), a.dot(a.T), a.sum(axis=0), np.linalg.det(a[:, :3] + np.eye(3)))
b = np.eye(200) * 3 + np.arange(40000).reshape(200, 200) % 7
print(np.allclose(b @ np.linalg.inv(b), np.eye(200)), np.linalg.matrix_rank(b) > 0, np.allclose(np.fft.ifft(np.fft.fft(a)), a))
print(np.linalg.svd(a)[1].round(6), np.linalg.eigvalsh(a @ a.T).round(3), np.__version__)
