# Markers below the lines.
a = {"k": [1, None]}
def f(x):
    return (x["k"][0]
            + x["k"][1]
            + 3)
try:
    f(a)
except TypeError:
    import traceback
    traceback.print_exc()
print(f(
    a,
), 1)
