# One exit replaces another.
import sys
try:
    try:
        sys.exit(1)
    finally:
        sys.exit(2)
finally:
    print("outermost")
