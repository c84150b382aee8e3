# Nothing is blocked, pending or timed.
# tiers
import signal, os
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.sigpending(), signal.set_wakeup_fd(-1))
print([signal.getitimer(t) for t in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)], signal.alarm(0))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigpending(), signal.sigwait([signal.SIGUSR1]))
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
print(sorted(int(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, [])))
