# SIGSEGV, SIGBUS, SIGFPE sent to itself.
import os, signal
for s in (signal.SIGFPE, signal.SIGBUS):
    signal.signal(s, lambda n, f: print(n))
    os.kill(os.getpid(), s)
os.kill(os.getpid(), signal.SIGSEGV)
