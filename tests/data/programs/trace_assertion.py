# An assertion of the program.
x = [1, 2]
assert len(x) == 3, "has %d" % len(x)
