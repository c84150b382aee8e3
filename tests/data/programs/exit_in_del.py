# sys.exit in __del__.
import sys
class C:
    def __del__(self):
        sys.exit(5)
C()
print("goes on")
