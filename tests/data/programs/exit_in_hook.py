# excepthook that exits.
import sys, os
sys.excepthook = lambda *a: (print("hook", a[0].__name__), sys.exit(11))
1 / 0
