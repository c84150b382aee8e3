# A file numpy.py of the request: the program means that.
import numpy
print(numpy.__file__, numpy.mine)
