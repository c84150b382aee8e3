# Bytes, a float, a tuple.
raise SystemExit(b"bytes", 1.5)
