# sys.exit() and its argument None.
import sys
print("out")
sys.exit(None)
