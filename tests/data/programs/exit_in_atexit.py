# Exits within a handler.
import atexit, sys
atexit.register(print, "first registered, last run")
atexit.register(sys.exit, 7)
atexit.register(print, "last registered")
sys.exit(2)
