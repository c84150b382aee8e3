# An exception that nobody catches.
# tiers
def f(n):
    return 1 / n
def g(n):
    return f(n) + 1
print("before")
g(0)
