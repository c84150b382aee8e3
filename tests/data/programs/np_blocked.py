# A program that forbids NumPy.
import sys
sys.modules["numpy"] = None
try:
    import numpy
    print("imported")
except ImportError as error:
    print(error)
raise SystemExit(3)
