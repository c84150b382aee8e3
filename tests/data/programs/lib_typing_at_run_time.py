# match, walrus, positional-only, generics.
def f(x, /, *, y=(n := 3)):
    match x:
        case {"a": [first, *rest]}:
            return first, rest
        case int() | str() as v if v:
            return v
        case _:
            return None
print(f({"a": [1, 2, 3]}), f("s"), f(0), n, list[int], int | None, isinstance(1, int | str))
f(x=1)
