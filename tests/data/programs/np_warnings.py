# Warnings of NumPy with their place.
import numpy as np
print(np.array([1.0]) / 0, np.log(-1.0), np.float64(1e308) * 10, np.int8(127) + np.int8(1))
print(np.mean([]))
np.seterr(all="raise")
try:
    np.array([1.0]) / 0
except FloatingPointError as error:
    print(error)
print(np.array([[1], [1, 2]], dtype=object).shape)
np.bool
