import numpy as np

rng = np.random.default_rng(42)
A = rng.normal(size=(4, 4))
b = rng.normal(size=4)

x = np.linalg.solve(A, b)
print("residual", np.linalg.norm(A @ x - b))
u, s, vt = np.linalg.svd(A)
print("condition", s[0] / s[-1])
eigenvalues, eigenvectors = np.linalg.eig(A)
print(np.round(np.abs(eigenvalues), 3))
