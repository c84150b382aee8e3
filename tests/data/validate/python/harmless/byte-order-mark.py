import math

print("starts with a byte order mark", math.tau)
print("größer", "exec")
