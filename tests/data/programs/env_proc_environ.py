# The environment as /proc has it: that of the start.
import os
os.environ["LATER"] = "set"
print(sorted(e for e in open("/proc/self/environ").read().split("\0") if e))
