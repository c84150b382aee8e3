# sys.exit(3) out of a function, through with and finally.
import sys, contextlib
@contextlib.contextmanager
def noisy():
    try:
        yield
    finally:
        print("leaves")
def f():
    with noisy():
        try:
            sys.exit(3)
        finally:
            print("finally")
f()
