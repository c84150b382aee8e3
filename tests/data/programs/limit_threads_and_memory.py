# Memory and threads just within the limits.
# request: {"limits": {"memory_bytes": 134217728, "processes": 4}}
import threading
held = bytearray(64 << 20)
held[::4096] = b"x" * (len(held) // 4096)
ts = [threading.Thread(target=sum, args=([1],)) for _ in range(2)]
[t.start() for t in ts]
[t.join() for t in ts]
print(len(held))
