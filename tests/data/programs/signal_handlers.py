# Handlers of the program.
import signal, os, time, threading
came = []
def note(number, frame):
    came.append(number)
    print(signal.Signals(number).name, frame.f_code.co_name, frame.f_back)
for s in (signal.SIGUSR1, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGCHLD, signal.SIGPIPE):
    signal.signal(s, note)
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGTERM)
signal.pthread_kill(threading.get_ident(), signal.SIGHUP)
signal.setitimer(signal.ITIMER_REAL, 0.02)
while signal.SIGALRM not in came:  # not pause(): the signal may come before it
    time.sleep(0.01)
print(signal.signal(signal.SIGUSR1, signal.SIG_IGN) is note)
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.siginterrupt(signal.SIGUSR1, False))
def raiser(number, frame):
    raise TimeoutError("from the handler")
signal.signal(signal.SIGALRM, raiser)
signal.alarm(1)
time.sleep(5)
