# How deep a source can be nested: exactly.
# tiers
def deepest(text):
    good, bad = 1, 20000
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            compile(text(middle), "x", "eval")
            good = middle
        except (RecursionError, MemoryError, SyntaxError):
            bad = middle
    return good
print(deepest(lambda n: "-" * n + "1"), deepest(lambda n: "(" * n + "1" + ")" * n), deepest(lambda n: "+".join("1" * n)))
def inner(n):
    return inner(n - 1) if n else deepest(lambda n: "-" * n + "1")
print(inner(100))
