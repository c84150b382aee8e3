# Random numbers without a seed: facts about them, and the states are fresh.
# tiers
import random, numpy as np, uuid, secrets, os
a, b = random.random(), random.random()
print(0 <= a < 1, a != b, random.getstate()[2], random.getstate()[0])
np_state = np.random.get_state()
print(np_state[0], np_state[2], np_state[3:], 0 <= np.random.rand() < 1)
print(uuid.uuid4() != uuid.uuid4(), secrets.token_bytes(8) != secrets.token_bytes(8), os.urandom(8) != os.urandom(8), np.random.default_rng().random() != np.random.default_rng().random())
print(hash("a") == hash("a"), hash(1.5), hash((1, 2)), hash(None) == hash(None), hash("") == 0)
