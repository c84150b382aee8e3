# A number that just does not fit an int of C.
import sys
sys.exit(-(1 << 31) - 1)
