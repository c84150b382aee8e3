# Fewer lines by sys.tracebacklimit.
import sys
sys.tracebacklimit = 2
def f(n):
    return f(n - 1) if n else 1 / 0
f(5)
