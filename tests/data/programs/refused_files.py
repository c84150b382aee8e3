# Places that cannot be written or read.
import os
for path in ("/x", "/etc/x", "/usr/x", "/usr/lib/python3/dist-packages/x.pth", "/dev/x", "/proc/x", "/proc/self/x", "/root/x", "/var/tmp/x", "/run/x", "/sys/x", "/work/x", "/tmp/x", "/dev/shm/x", "/proc/1/environ", "/proc/self/oom_score_adj", "/proc/self/comm", "/etc/passwd"):
    try:
        with open(path, "w") as f:
            f.write("1")
        print(path, "written")
    except OSError as error:
        print(path, error.strerror)
for path in ("/proc/1/environ", "/proc/1/maps", "/proc/2/maps", "/proc/kcore", "/proc/meminfo", "/proc/uptime", "/proc/sys/kernel/hostname", "/etc/shadow", "/home", "/root", "/var"):
    try:
        print(path, os.path.isdir(path) and os.listdir(path) or len(open(path).read(10)))
    except OSError as error:
        print(path, error.strerror)
