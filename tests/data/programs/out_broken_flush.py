# A stdout whose flush fails at the end.
import sys, io
class Bad(io.StringIO):
    def flush(self):
        raise OSError("cannot flush")
sys.stdout = Bad()
print("x")
