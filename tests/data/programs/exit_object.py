# Any other object is printed too.
import sys
class Told:
    def __str__(self):
        return "told by str"
sys.exit(Told())
