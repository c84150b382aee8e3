# Bytes of stdin.
import sys, os
print(sys.stdin.buffer.read(4), sys.stdin.buffer.readline(), sys.stdin.buffer.peek(1)[:5], os.read(0, 5))
print(sys.stdin.buffer.read())
