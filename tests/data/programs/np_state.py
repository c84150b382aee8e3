# What can be set in NumPy, unset.
import numpy as np
print(np.geterr(), np.geterrcall(), np.getbufsize(), np.get_printoptions())
print(np.arange(2000), np.array([1e-10, 1.0]), np.array2string(np.pi * np.ones(3)), repr(np.float64(1) / 3))
print(np.core.multiarray._get_promotion_state() if hasattr(np.core.multiarray, "_get_promotion_state") else None, np.core.arrayprint._format_options["precision"])
import ctypes
libc = ctypes.CDLL("libm.so.6")
print(libc.fegetround(), libc.fegetexcept(), libc.fetestexcept(0x3d))
