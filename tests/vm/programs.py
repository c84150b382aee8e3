"""Programs that the tests in the virtual machine run in boxes."""

MIB = 1 << 20

HELLO = 'print("hello")'
NUMPY = "import numpy as np; print(np.mean([1, 2, 3, 4, 5]))"
SLEEP = "import time; time.sleep(%d)"
HOG = "x = []\nwhile True:\n    x.append(bytearray(1 << 20))\n"
SPIN = "import time\nend = time.monotonic() + %d\nwhile time.monotonic() < end:\n    pass\n"
# The parent only waits, and would live on if the kernel killed nothing but the child.
HOG_CHILD = """
import os, time
if os.fork() == 0:
    x = []
    while True:
        x.append(bytearray(1 << 20))
os.wait()
print("the parent lives")
time.sleep(60)
"""
THREADS = """
import threading, time
made = 0
try:
    for _ in range(50):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        made += 1
except RuntimeError:
    if not %r:
        raise
print("made", made)
"""
# Each ignores what can be ignored, is a session of its own, and keeps standard output open.
STUBBORN = """
import os, signal, time
for _ in range(6):
    if os.fork() == 0:
        for s in range(1, 32):
            try:
                signal.signal(s, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        os.setsid()
        while True:
            time.sleep(0.01)
print("forked", flush=True)
time.sleep(200)
"""
# One after the other: whoever walks over process ids comes too late.
TREADMILL = """
import os, signal, sys, time
if sys.argv[1:] != ["alone"] and os.fork():
    time.sleep(200)
for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(s, signal.SIG_IGN)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    try:
        if os.fork():
            os._exit(0)
        os.setsid()
    except OSError:  # the limit of processes: those that have ended are not all reaped yet
        time.sleep(0.01)
"""
