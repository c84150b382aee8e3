def f():
    pass


print(f.__globals__[input()])  #! python.globals-member


def reach(thing):
    return thing.__builtins__  #! python.globals-member
