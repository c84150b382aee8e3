# Exceptions that follow from others.
def f():
    try:
        {}["a"]
    except KeyError as error:
        raise ValueError("from") from error
def g():
    try:
        f()
    except ValueError:
        raise RuntimeError("while")
try:
    g()
except RuntimeError:
    raise OSError(2, "no cause") from None
finally:
    print("finally")
