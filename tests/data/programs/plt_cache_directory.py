# The directory for caches is there and can be written.
import os, matplotlib
import matplotlib.pyplot as plt
for path in (matplotlib.get_cachedir(), matplotlib.get_configdir()):
    print(path, os.path.isdir(path), oct(os.stat(path).st_mode), os.access(path, os.W_OK))
