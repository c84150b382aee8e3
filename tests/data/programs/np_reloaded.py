# A program that throws NumPy's random module out and in again.
import sys, importlib, numpy
importlib.reload(numpy.lib.scimath)
print(numpy.lib.scimath.sqrt(-1), numpy.__dict__["random"] is sys.modules["numpy.random"])
