# exit of the C library: its own buffers are flushed, Python's are not.
import ctypes
libc = ctypes.CDLL(None)
print("lost by Python")
libc.puts(b"kept by C")
libc.exit(17)
