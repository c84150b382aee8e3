import contextlib
import io
import time


@contextlib.contextmanager
def timer(label):
    start = time.perf_counter()
    try:
        yield
    finally:
        print(f"{label}: {time.perf_counter() - start:.3f}s")


class Indent:
    level = 0

    def __enter__(self):
        type(self).level += 1
        return self

    def __exit__(self, exc_type, exc, tb):
        type(self).level -= 1
        return False

    def print(self, text):
        print("  " * self.level + text)


with timer("sum"):
    sum(range(100_000))

with Indent() as a:
    a.print("one")
    with Indent() as b:
        b.print("two")

out = io.StringIO()
with contextlib.redirect_stdout(out), contextlib.suppress(KeyError):
    print("captured")
    {}["missing"]
print(out.getvalue().upper())

with contextlib.ExitStack() as stack:
    stack.callback(print, "closing")
