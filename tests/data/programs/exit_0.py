# sys.exit(0) with output that nobody has flushed.
import sys
sys.stdout.write("not flushed")
sys.stderr.write("nor this")
sys.exit(0)
