# Other encodings, errors and newlines for stdout.
import sys
print("a\u00e4", flush=True)
sys.stdout.reconfigure(encoding="latin-1", newline="\r\n")
print("b\u00e4")
sys.stdout.reconfigure(errors="backslashreplace")
print("c\u20ac")
sys.stdout.reconfigure(encoding="utf-16", line_buffering=True)
print("d")
print(sys.stdout.encoding, sys.stdout.line_buffering, file=sys.stderr)
