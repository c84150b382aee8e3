# sys.exit in a thread ends the thread.
import sys, threading
t = threading.Thread(target=sys.exit, args=(5,))
t.start()
t.join()
print("main ends with 0")
