# No hook at all, no stderr.
import sys
del sys.excepthook
1 / 0
