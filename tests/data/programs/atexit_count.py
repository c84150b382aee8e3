# What is registered before the program has: nothing of ours.
import atexit
print(atexit._ncallbacks())
