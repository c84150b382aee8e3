# Kinds of namespaces; those for children are the own ones.
import os
names = sorted(os.listdir("/proc/self/ns"))
links = {n: os.readlink("/proc/self/ns/" + n) for n in names}
print([(n, links[n].split(":")[0]) for n in names])
print(links["pid"] == links["pid_for_children"], links["time"] == links["time_for_children"])
