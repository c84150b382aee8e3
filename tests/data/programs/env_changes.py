# Changes that C sees.
import os, ctypes, time
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
os.environ["NEW"] = "1"
os.putenv("PUT", "2")
del os.environ["HOME"]
libc.setenv(b"FROM_C", b"3", 1)
print(libc.getenv(b"NEW"), libc.getenv(b"PUT"), libc.getenv(b"HOME"), os.getenv("FROM_C"), os.getenv("PUT"))
print(os.path.expanduser("~"), os.path.expandvars("$NEW $HOME"))
os.environ["TZ"] = "Europe/Vienna"
time.tzset()
print(time.tzname, time.localtime(0).tm_hour)
os.environ.clear()
print(libc.getenv(b"PATH"), dict(os.environ))
