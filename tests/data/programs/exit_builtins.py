# exit() closes stdin, quit() too.
import sys
try:
    exit(4)
except SystemExit as error:
    print(error.code, sys.stdin.closed)
quit("bye")
