# Handlers run backwards, with arguments, and may register more.
# tiers
import atexit
def f(*a, **k):
    print("f", a, k)
def register():
    print("register")
    atexit.register(f, "late")
atexit.register(f, 1)
atexit.register(f, 2, x=3)
atexit.register(register)
atexit.register(f, 4)
atexit.register(f, 5)
@atexit.register
def g():
    import traceback, sys
    print(sys.is_finalizing(), sys._getframe().f_back, len(traceback.extract_stack()))
print("main")
