# finally with a return swallows the error.
def f():
    try:
        1 / 0
    finally:
        return 5
raise SystemExit(f())
