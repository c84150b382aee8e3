# Files that are open at the end are flushed; a temporary directory goes.
import tempfile, os, atexit
def look():
    print(os.path.exists(name), os.path.getsize("left.txt"))
atexit.register(look)
t = tempfile.TemporaryDirectory()
name = t.name
f = open("left.txt", "w")
f.write("x")
print(os.path.isdir(name))
