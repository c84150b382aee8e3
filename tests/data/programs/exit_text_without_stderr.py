# a text is the status, and there is no sys.stderr
import sys

sys.stderr = None
sys.exit("a text for nobody")
