# Imports of NumPy in other forms.
import numpy.linalg as la, numpy
from numpy import *
from numpy.random import default_rng as rng
print(la.norm([3, 4]), arange(3), rng(5).integers(100), numpy.__name__, "numpy.linalg" in __import__("sys").modules, sum is numpy.sum)
