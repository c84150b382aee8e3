import sys
seen = (__name__, __file__, sys.argv[0])
print("other", seen)
