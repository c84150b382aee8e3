from math import *

a, b, c = 1, -3, 2
d = b * b - 4 * a * c
if d >= 0:
    print((-b + sqrt(d)) / (2 * a), (-b - sqrt(d)) / (2 * a))
else:
    print("no real root")
print(sin(pi / 2), floor(e))
