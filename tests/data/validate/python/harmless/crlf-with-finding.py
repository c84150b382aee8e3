import threading  #! python.import.threading

lock = threading.RLock()
with lock:
    print("line ends of Windows")


class Bag:
    def __init__(self, **items):
        vars(self).update(items)  #! python.locals


print(Bag(eval=1).eval)
