# Open descriptors: three, and what they are.
# tiers
import os, stat, fcntl, re
found = []
for fd in range(1024):
    try:
        s = os.fstat(fd)
    except OSError:
        continue
    found.append(fd)
    link = re.sub(r"\d{3,}", "N", os.readlink("/proc/self/fd/%d" % fd))
    print(fd, stat.filemode(s.st_mode), s.st_uid, s.st_size, link, hex(fcntl.fcntl(fd, fcntl.F_GETFL)), fcntl.fcntl(fd, fcntl.F_GETFD), os.get_blocking(fd))
print(found, os.open("/dev/null", os.O_RDONLY))
for name, number in (("pipe", fcntl.F_GETPIPE_SZ), ("seals", fcntl.F_GET_SEALS), ("lease", fcntl.F_GETLEASE), ("owner", fcntl.F_GETOWN)):
    for fd in (0, 1):
        try:
            print(name, fd, fcntl.fcntl(fd, number))
        except OSError as error:
            print(name, fd, error)
