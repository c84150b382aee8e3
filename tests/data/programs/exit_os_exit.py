# os._exit flushes nothing.
import os, sys, atexit
atexit.register(print, "never")
print("lost")
sys.stderr.write("not lost ")
os._exit(6)
