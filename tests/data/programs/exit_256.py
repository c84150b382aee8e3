# An exit code of more than a byte.
raise SystemExit(256 + 7)
