# A signal to its own group.
import os, signal
signal.signal(signal.SIGUSR2, lambda *a: print("got it"))
os.killpg(os.getpgid(0), signal.SIGUSR2)
os.kill(0, signal.SIGUSR2)
for target in (1, -1, os.getppid()):
    try:
        os.kill(target, 0)
        print("could", target)
    except OSError as error:
        print("could not", target, error.strerror)
