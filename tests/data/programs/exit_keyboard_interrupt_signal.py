# The same from a signal.
import os, signal, atexit
atexit.register(print, "handler at exit")
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
os.kill(os.getpid(), signal.SIGINT)
for _ in range(1000000):
    pass
print("never")
