# Random numbers after a seed.
# tiers
import random
import numpy as np
random.seed(1)
print(random.random(), random.randint(1, 100), random.sample(range(100), 5), random.gauss(0, 1))
np.random.seed(1)
print(np.random.rand(3), np.random.randint(0, 100, 5), np.random.normal(), np.random.permutation(5), np.random.get_state()[0])
print(np.random.default_rng(1).random(3), np.random.RandomState(2).rand(), np.random.Generator(np.random.PCG64(3)).integers(10))
