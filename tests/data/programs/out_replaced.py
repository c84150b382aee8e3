# A stdout of the program's own.
import sys, io
class Upper(io.TextIOBase):
    def write(self, text):
        return sys.__stdout__.write(text.upper())
sys.stdout = Upper()
print("shouted")
sys.stderr = sys.__stdout__
1 / 0
