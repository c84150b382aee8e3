from sys import _getframe as here  #! python.sys.frames python.import.sys

print(here(0).f_lineno)  #! python.sys.frames
