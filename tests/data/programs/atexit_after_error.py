# After a traceback.
import atexit, sys
atexit.register(lambda: print("stdout at exit"))
atexit.register(lambda: print("stderr at exit", file=sys.stderr))
1 / 0
