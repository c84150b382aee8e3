import math


def table(names, x):
    result = {}
    for name in names:
        result[name] = getattr(math, name)(x)  #! python.dynamic-attribute
    return result


print(table(["sin", "cos", "tan"], 0.5))
print(getattr(math, "tau"))
