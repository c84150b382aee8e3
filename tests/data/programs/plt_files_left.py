# Files that importing Matplotlib leaves.
import os
import matplotlib.pyplot
for top, dirs, names in os.walk("/tmp"):
    print(top, sorted(dirs), sorted(names))
print(sorted(os.listdir("/work")))
