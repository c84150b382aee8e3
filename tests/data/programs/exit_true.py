# True is a whole number.
import sys
sys.exit(True)
