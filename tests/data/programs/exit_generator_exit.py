# GeneratorExit and StopIteration at the top.
def g():
    try:
        yield 1
    except GeneratorExit:
        print("generator closed")
        raise
x = g()
next(x)
del x
raise GeneratorExit
