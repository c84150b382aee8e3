# stdout and stderr in the order of their flushes, in one stream.
# request: {"merge_stderr": true}
import os, sys
print("1 buffered")
print("2 stderr", file=sys.stderr)
os.write(1, b"3 raw\n")
print("4 flushed", flush=True)
sys.stderr.write("5 no newline")
os.write(2, b" 6 raw stderr\n")
print("7 at exit")
