# a text is the status, and sys.stderr has been deleted
import sys

del sys.stderr
sys.exit("another text")
