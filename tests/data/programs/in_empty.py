# No stdin at all.
import sys, os
print(repr(sys.stdin.read()), sys.stdin.fileno(), sys.stdin.isatty(), os.read(0, 10), list(sys.stdin))
try:
    input("prompt? ")
except EOFError as error:
    print(error)
print(sys.stdin.encoding, sys.stdin.errors, sys.stdin.buffer.peek())
