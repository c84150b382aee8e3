import numpy as np


def estimate_pi(n, seed=None):
    rng = np.random.default_rng(seed)
    points = rng.uniform(-1, 1, size=(n, 2))
    inside = (points**2).sum(axis=1) <= 1.0
    return 4.0 * inside.mean()


for n in (100, 10_000, 1_000_000):
    print(f"{n:>9,d}  {estimate_pi(n, seed=1):.6f}")
