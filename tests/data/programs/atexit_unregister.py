# Unregistered again; run by hand.
import atexit
atexit.register(print, "no")
atexit.register(print, "no 2")
atexit.unregister(print)
atexit.register(print, "by hand")
atexit._run_exitfuncs()
print("end")
