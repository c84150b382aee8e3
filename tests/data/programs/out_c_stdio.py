# Output of C and of Python, one buffer each.
import ctypes, sys
libc = ctypes.CDLL(None)
libc.printf(b"C first %d\n", 1)
print("Python second")
libc.fflush(None)
sys.stdout.flush()
libc.puts(b"C at exit")
print("Python at exit")
