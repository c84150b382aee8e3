# The garbage collector's settings.
# tiers
import gc
print(gc.isenabled(), gc.get_threshold(), gc.callbacks, gc.garbage, gc.get_debug())
class C: pass
import weakref
a = C(); a.self = a
w = weakref.ref(a)
del a
print(w() is None)
gc.collect()
print(w() is None, gc.garbage)
gc.disable()
print(gc.isenabled())
gc.enable()
gc.set_threshold(1, 1, 1)
print(gc.get_threshold())
