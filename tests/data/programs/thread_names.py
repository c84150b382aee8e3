# Numbers in names of threads begin with 1.
# tiers
import threading
print([threading.Thread(target=print).name for _ in range(3)], threading.Timer(1, print).name)
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(1) as pool:
    print(pool.submit(lambda: threading.current_thread().name).result())
