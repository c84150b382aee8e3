# The environment, as Python and as C see it.
# tiers
import os, ctypes
for name, value in sorted(os.environ.items()):
    print(name, "=", value)
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
print([libc.getenv(n.encode()) == v.encode() for n, v in sorted(os.environ.items())])
print(libc.getenv(b"NOT_THERE"), os.getenv("NOT_THERE"), os.environb[b"HOME"])
