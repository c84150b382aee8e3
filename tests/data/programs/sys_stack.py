# Recursion in C up to where the limit of the stack is far.
import sys, threading, json
sys.setrecursionlimit(100000)
x = []
for _ in range(5000):
    x = [x]
print(len(repr(x)), len(json.dumps(x)) if sys.setrecursionlimit(100000) is None else 0)
def f(n):
    return n and 1 + f(n - 1)
print(f(50000), threading.stack_size())
