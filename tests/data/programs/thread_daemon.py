# A daemon dies with the main thread.
import threading, time
begun = threading.Event()
def work():
    print("daemon begins", flush=True)
    begun.set()
    time.sleep(10)
    print("never")
t = threading.Thread(target=work, daemon=True)
t.start()
begun.wait()
print("main ends", t.daemon)
