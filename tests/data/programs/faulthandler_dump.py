# faulthandler on request, later, and for a signal.
import faulthandler, signal, os, sys, time
faulthandler.dump_traceback(file=sys.stdout)
sys.stdout.flush()
faulthandler.register(signal.SIGUSR1, file=sys.stdout)
def f():
    os.kill(os.getpid(), signal.SIGUSR1)
f()
faulthandler.dump_traceback_later(1, file=sys.stdout, exit=True)
time.sleep(5)
