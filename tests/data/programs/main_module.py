# __main__ is one module, and importing it gives that.
import sys
import __main__
print(__main__ is sys.modules["__main__"], vars(__main__) is globals(), type(__main__))
__main__.set_from_outside = 1
print(set_from_outside, repr(__main__))
print([name for name, module in sys.modules.items() if getattr(module, "__file__", None) == __file__])
