# a signal that comes when modules are deleted finds no handler any more
import signal
import time


class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(5)


signal.signal(signal.SIGALRM, lambda *_: print("handled"))
slow = Slow()
signal.setitimer(signal.ITIMER_REAL, 3)
