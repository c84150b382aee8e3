# __del__ that writes to stderr and to a descriptor after main has ended.
import os, sys
class C:
    def __del__(self, os=os, sys=sys):
        os.write(1, b"raw from del\n")
        print("err from del", file=sys.stderr)
        print("buffered from del")
c = C()
print("main, buffered")
