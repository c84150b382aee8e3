# A file system that becomes full.
# request: {"limits": {"memory_bytes": 268435456}}
import os
written = 0
try:
    with open("/tmp/f", "wb", buffering=0) as f:
        while True:
            written += f.write(bytes(1 << 20))
except OSError as error:
    print(error, written >> 20)
