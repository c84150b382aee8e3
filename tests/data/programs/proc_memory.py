# Its own memory can be read, and not written, through /proc.
import ctypes
data = ctypes.create_string_buffer(b"something to be found")
with open("/proc/self/mem", "rb", buffering=0) as f:
    f.seek(ctypes.addressof(data))
    print(f.read(9))
try:
    open("/proc/self/mem", "r+b")
except OSError as error:
    print(error)
