# stdout by way of other descriptors.
import os, sys
fd = os.dup(1)
print("through dup", file=open(fd, "w"))
os.dup2(2, 1)
print("goes to stderr", flush=True)
print(fd)
