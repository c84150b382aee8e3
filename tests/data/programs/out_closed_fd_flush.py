# The same with a flush of the program's.
import os, sys
os.close(1)
try:
    print("lost", flush=True)
except OSError as error:
    sys.stderr.write("%s\n" % error)
