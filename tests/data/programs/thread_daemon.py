# A daemon dies with the main thread.
import threading, time
def work():
    print("daemon begins", flush=True)
    time.sleep(10)
    print("never")
t = threading.Thread(target=work, daemon=True)
t.start()
time.sleep(0.1)
print("main ends", t.daemon)
