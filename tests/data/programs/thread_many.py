# Threads up to the limit of processes.
# request: {"limits": {"processes": 8}}
import threading
stop = threading.Event()
made = 0
try:
    for _ in range(20):
        threading.Thread(target=stop.wait).start()
        made += 1
except RuntimeError as error:
    print(error)
stop.set()
print(made)
