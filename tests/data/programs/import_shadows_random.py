# A file named random.py, which libraries would import too.
import random
print(random.__file__, random.mine)
