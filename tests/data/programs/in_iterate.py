# Lines of stdin, with every kind of end.
import sys
for n, line in enumerate(sys.stdin):
    print(n, ascii(line))
print(sys.stdin.newlines, ascii(sys.stdin.read()))
