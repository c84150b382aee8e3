# cmdline, comm, exe, cwd, root.
# tiers
import os
print(open("/proc/self/cmdline", "rb").read(), open("/proc/self/comm").read(), open("/proc/thread-self/comm").read())
for name in ("exe", "cwd", "root"):
    print(name, os.readlink("/proc/self/" + name))
print(os.readlink("/proc/self"), os.readlink("/proc/thread-self"), os.listdir("/proc/self/task"))
print(os.path.samefile("/proc/self/exe", "/usr/bin/python3"), os.path.samefile("/proc/self/root", "/"))
