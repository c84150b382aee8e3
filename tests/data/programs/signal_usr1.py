# SIGUSR1 without a handler.
import os, signal
os.kill(0, 0)
os.kill(os.getpid(), signal.SIGUSR1)
