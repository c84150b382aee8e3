# A lone surrogate cannot be printed.
import sys
print(sys.stdout.errors, sys.stderr.errors, sys.stdin.errors)
print("\udc80", file=sys.stderr)
print("before")
print("\udc80\ud800")
print("never")
