# weakref.finalize at exit: order, atexit flag.
# tiers
import weakref, atexit
class C: pass
a, b, c = C(), C(), C()
atexit.register(print, "atexit registered before")
weakref.finalize(a, print, "a is final")
weakref.finalize(b, print, "b is final")
weakref.finalize(c, print, "c never").atexit = False
atexit.register(print, "atexit registered after")
del b
print("end of main")
