# The auxiliary vector, as far as it holds no addresses and ids.
import ctypes
libc = ctypes.CDLL(None)
libc.getauxval.restype = ctypes.c_ulong
names = dict(PHENT=4, PHNUM=5, PAGESZ=6, FLAGS=8, CLKTCK=17, SECURE=23, HWCAP2=26, MINSIGSTKSZ=51)
print({n: libc.getauxval(v) for n, v in names.items()})
print(ctypes.string_at(libc.getauxval(31)), ctypes.string_at(libc.getauxval(15)))
