def add(a, b):
    return a + b


def f(:  #! python.syntax-error
