# How deep a function can go: exactly.
# tiers
depth = 0
def f():
    global depth
    depth += 1
    f()
for _ in range(3):
    depth = 0
    try:
        f()
    except RecursionError as error:
        print(depth, error)
class D:
    def __repr__(self):
        return "<%r>" % self
    def __getattr__(self, name):
        return getattr(self, name + "x")
for attempt in (lambda: repr(D()), lambda: D().x):
    try:
        attempt()
    except RecursionError as error:
        print(error)
