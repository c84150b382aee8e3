# Bytes on stdout and stderr.
import sys
print("text first")
sys.stdout.buffer.write(bytes(range(256)))
sys.stdout.buffer.raw.write(b"raw\xff")
sys.stderr.buffer.write(b"\xff\xfeerr")
print("text last")
