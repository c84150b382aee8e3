# KeyboardInterrupt where the signal is blocked
import signal

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
raise KeyboardInterrupt
