"""Sections separated by form feeds, as in old GNU style."""

import math

def area(r):
    return math.pi * r * r


import tempfile  #! python.import.tempfile

print(area(2), tempfile.gettempdir())

if __name__ == "__main__":
    print("a\fb".split("\f"))
