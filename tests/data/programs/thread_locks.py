# Locks, conditions, events, barriers, local data.
import threading, queue
lock, r = threading.Lock(), threading.RLock()
print(lock.locked(), lock.acquire(), lock.acquire(timeout=0.01), r.acquire(), r.acquire(), repr(r).split(" at ")[0].split("owner")[0])
print(r._is_owned())
local = threading.local()
local.x = 1
q, out = queue.Queue(), queue.Queue()
def work():
    out.put((hasattr(local, "x"), q.get()))
t = threading.Thread(target=work); t.start(); q.put("job"); t.join()
print(out.get())
b = threading.Barrier(3, timeout=5)
ts = [threading.Thread(target=b.wait) for _ in range(2)]
[t.start() for t in ts]
print(b.wait() in (0, 1, 2), b.broken)
