# An alarm that is left at the end does no harm.
import signal
signal.alarm(100)
signal.setitimer(signal.ITIMER_PROF, 100)
print("end")
