# limits, cgroup.
print(open("/proc/self/limits").read())
print(open("/proc/self/cgroup").read())
