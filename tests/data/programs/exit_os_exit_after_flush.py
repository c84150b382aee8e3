# os._exit after a flush, out of a thread.
import os, sys, threading, time
print("kept", flush=True)
threading.Thread(target=os._exit, args=(13,)).start()
time.sleep(5)
print("never")
