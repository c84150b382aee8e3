# NumPy in a function, by its name in a text, and with an error.
print("before")
def f():
    import numpy
    return numpy.zeros(2)
print(f(), __import__("num" + "py").ones(1))
import importlib
print(importlib.import_module("numpy.ma").__name__)
import numpy.nothing
