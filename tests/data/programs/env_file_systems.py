# Sizes of file systems, and how much of them is free.
import os
for path in ("/", "/work", "/tmp", "/dev", "/dev/shm"):
    s = os.statvfs(path)
    print(path, s.f_bsize, s.f_blocks, s.f_bfree, s.f_bavail, s.f_files, s.f_ffree, s.f_flag, s.f_namemax)
print(os.stat("/work").st_dev == os.stat("/tmp").st_dev, os.stat("/").st_dev == os.stat("/dev").st_dev)
