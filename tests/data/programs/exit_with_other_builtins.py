# the status is what it is, whatever has become of the builtins
import builtins
import sys

builtins.isinstance = lambda *a: False
builtins.getattr = lambda *a: 7
builtins.str = lambda *a: "other"
sys.exit(4)
