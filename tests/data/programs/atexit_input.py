# A handler that reads what is left of stdin, and imports.
import atexit, sys
def f():
    import colorsys
    print(sys.stdin.read().split(), colorsys.__name__, __name__)
atexit.register(f)
print(sys.stdin.readline())
