# the state of the generator that nobody has seeded is one that a seeding makes
import numpy as np

name, words, position, has_gauss, gauss = np.random.get_state()
print(name, hex(int(words[0])), len(words), position, has_gauss, gauss, len(set(words.tolist())) > 600)
np.random.seed()
print(hex(int(np.random.get_state()[1][0])))
