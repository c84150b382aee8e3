import numpy as np
from numexpr import evaluate as eval

a = np.arange(5.0)
b = a * 2
print(eval("a * b + 1"))
print(eval("sum(a)"))
