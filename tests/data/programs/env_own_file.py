# The program's own file.
import os, time
s = os.stat("main.py")
print(oct(s.st_mode), s.st_uid, s.st_gid, s.st_nlink, s.st_size, s.st_blocks, abs(time.time() - s.st_mtime) < 3600, s.st_mtime_ns > 0)
print(os.path.exists("__pycache__"), open("main.py").read() == open(__file__).read())
with open("main.py", "a") as f:
    f.write("# more\n")
print(os.stat("main.py").st_size - s.st_size)
os.chmod("main.py", 0)
os.rename("main.py", "other")
print(os.listdir("."))
