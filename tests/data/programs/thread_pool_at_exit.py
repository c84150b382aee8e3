# A pool that is not shut down finishes its work after main.
from concurrent.futures import ThreadPoolExecutor
import time, atexit
atexit.register(print, "atexit")
pool = ThreadPoolExecutor(2)
def work(n):
    time.sleep(0.05)
    print("done", n, flush=True)
for n in range(1):
    pool.submit(work, n)
print("main ends")
