# Ids in the auxiliary vector.
import ctypes
libc = ctypes.CDLL(None)
libc.getauxval.restype = ctypes.c_ulong
print({n: libc.getauxval(v) for n, v in dict(UID=11, EUID=12, GID=13, EGID=14).items()})
