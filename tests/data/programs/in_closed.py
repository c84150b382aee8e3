# stdin closed, and a new one.
import sys, io
sys.stdin.close()
try:
    input()
except ValueError as error:
    print(error)
sys.stdin = io.StringIO("from a text\n")
print(input())
