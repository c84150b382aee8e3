import threading  #! python.import.threading


class Counter:
    def __init__(self):
        self.value = 0
        self._lock = threading.Lock()

    def add(self, n):
        for _ in range(n):
            with self._lock:
                self.value += 1


counter = Counter()
threads = [threading.Thread(target=counter.add, args=(1000,)) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(counter.value)
