# SIGTERM to itself.
import os, signal, atexit
atexit.register(print, "never")
print("lost")
os.kill(os.getpid(), signal.SIGTERM)
