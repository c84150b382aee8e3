# Output without an end.
# request: {"limits": {"output_bytes": 1024}}
import sys
block = b"x" * 65536
while True:
    sys.stdout.buffer.write(block)
