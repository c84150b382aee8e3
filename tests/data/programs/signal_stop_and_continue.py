# SIGXCPU and SIGXFSZ as Python has them; SIGPIPE is ignored.
import os, signal
r, w = os.pipe()
os.close(r)
try:
    os.write(w, b"x")
except BrokenPipeError as error:
    print(error)
os.kill(os.getpid(), signal.SIGXFSZ)
os.kill(os.getpid(), signal.SIGPIPE)
os.kill(os.getpid(), signal.SIGCONT)
os.kill(os.getpid(), signal.SIGWINCH)
print("alive", flush=True)
os.kill(os.getpid(), signal.SIGXCPU)
