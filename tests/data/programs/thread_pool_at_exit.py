# A pool that is not shut down finishes its work after main.
from concurrent.futures import ThreadPoolExecutor
import threading, atexit
atexit.register(print, "atexit")
pool = ThreadPoolExecutor(2)
ready = threading.Event()
def work(n):
    ready.wait()
    print("done", n, flush=True)
for n in range(1):
    pool.submit(work, n)
print("main ends", flush=True)
ready.set()
