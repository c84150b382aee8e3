# Endless recursion, uncaught: repeated lines are counted.
# tiers
def f(n):
    return f(n + 1) + 1
f(0)
