# TracebackException with locals.
import traceback, sys
def f(secret):
    inner = secret * 2
    raise ValueError(inner)
try:
    f(21)
except ValueError as error:
    print("".join(traceback.TracebackException.from_exception(error, capture_locals=False).format()))
    one = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), capture_locals=True)
    print([(s.name, sorted(s.locals)) for s in one][1], len(one), "f" in one[0].locals, "__name__" in one[0].locals)
