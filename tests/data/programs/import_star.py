# Imports of everything, of main, of __future__ again.
from math import *
from os.path import *
print(sqrt(16), join("a", "b"), "pi" in globals(), sorted(n for n in globals() if n.startswith("is"))[:3])
import this
