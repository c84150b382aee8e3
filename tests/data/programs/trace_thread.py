# An exception in a thread.
import threading
def work():
    raise ValueError("in a thread")
t = threading.Thread(target=work, name="worker-name")
t.start()
t.join()
print("main goes on")
