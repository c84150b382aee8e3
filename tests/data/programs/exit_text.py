# A text goes to stderr.
import sys
print("out")
sys.exit("some \u00e4 text\nof two lines")
