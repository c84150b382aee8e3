# Both streams in one, with an error.
# request: {"merge_stderr": true}
import sys
print("out", flush=True)
print("err", file=sys.stderr)
print("not flushed")
raise ValueError("merged")
