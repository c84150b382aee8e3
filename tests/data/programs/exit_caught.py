# SystemExit caught: the program goes on.
import sys
try:
    sys.exit(5)
except BaseException as error:
    print(repr(error), error.code, isinstance(error, Exception))
print("goes on")
