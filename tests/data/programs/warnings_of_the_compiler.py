# Warnings that compiling the program gives.
x = "\d"
if x is "a":
    pass
assert (x, "always true")
print(1if x else 2)
print(0xfor x)
