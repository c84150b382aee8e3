# Arguments as Python has them.
import sys
print(sys.argv, sys.orig_argv, len(sys.argv))
sys.argv.append("x")
print(sys.argv)
