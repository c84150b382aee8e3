# the status is what it is without any builtins
import builtins
import sys

leave = sys.exit
builtins.__dict__.clear()
leave(5)
