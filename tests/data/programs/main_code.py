# The code object of the program.
import sys
code = sys._getframe().f_code
print(code.co_name, code.co_qualname, code.co_filename, code.co_firstlineno, code.co_argcount, code.co_nlocals)
print(code.co_names[:4], code.co_freevars, code.co_stacksize > 0, code.co_consts[:2])
def f(): pass
print(f.__code__.co_filename, f.__code__.co_firstlineno, f.__module__, f.__globals__ is globals())
