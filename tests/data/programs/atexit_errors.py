# Handlers that fail do not keep the others from running; the exit code stays.
import atexit
def bad(n):
    raise ValueError("bad %d" % n)
atexit.register(print, "runs last")
atexit.register(bad, 1)
atexit.register(bad, 2)
raise SystemExit(4)
