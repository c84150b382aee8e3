# How each signal is handled.
# tiers
import signal
for s in sorted(signal.valid_signals()):
    handler = signal.getsignal(s)
    print(int(s), handler if isinstance(handler, signal.Handlers) else getattr(handler, "__name__", handler))
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
