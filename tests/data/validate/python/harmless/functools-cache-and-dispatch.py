from functools import lru_cache, partial, reduce, singledispatch, total_ordering


@lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@singledispatch
def render(value):
    return repr(value)


@render.register
def _(value: list):
    return "[" + ", ".join(render(v) for v in value) + "]"


@render.register(float)
def _(value):
    return f"{value:.2f}"


@total_ordering
class Version:
    def __init__(self, text):
        self.parts = tuple(int(p) for p in text.split("."))

    def __eq__(self, other):
        return self.parts == other.parts

    def __lt__(self, other):
        return self.parts < other.parts


print(fib(80), fib.cache_info().hits)
print(render([1, 2.5, ["x", 3.14159]]))
print(reduce(lambda a, b: a * b, range(1, 8)), partial(int, base=2)("1011"))
print(Version("1.10") > Version("1.9"))
