# faulthandler prints a traceback at a fault.
# tiers
import faulthandler, ctypes, sys
print(faulthandler.is_enabled(), flush=True)
faulthandler.enable()
def f():
    ctypes.string_at(0)
f()
