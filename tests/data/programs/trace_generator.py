# Out of generators, comprehensions, lambdas, properties and class bodies.
import traceback
def gen():
    yield 1
    yield 1 / 0
class P:
    @property
    def x(self):
        return [n / 0 for n in (1,)]
def body():
    class K:
        y = {}["k"]
for attempt in (lambda: list(gen()), lambda: P().x, body, lambda: sorted([1, "a"]), lambda: max(map(lambda v: v / 0, [1]))):
    try:
        attempt()
    except Exception:
        print(traceback.format_exc())
