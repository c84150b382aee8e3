# Where it is, and what is there.
# tiers
import os
print(os.getcwd(), os.listdir("."), os.getcwdb(), os.path.realpath("main.py"), os.path.abspath("."))
print(sorted(n for n in os.listdir("/tmp") if n != ".matplotlib"), os.listdir("/dev/shm"))
