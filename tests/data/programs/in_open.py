# stdin opened again, by its number and by names.
import os, sys
print(open(0, closefd=False).read())
for name in ("/dev/stdin", "/proc/self/fd/0"):
    try:
        print(name, open(name).read())
    except OSError as error:
        print(name, error.strerror)
try:
    os.write(0, b"x")
    print("written")
except OSError as error:
    print(error)
