# Writing to a full device.
import sys
try:
    with open("/dev/full", "w") as f:
        f.write("x")
except OSError as error:
    print(error)
sys.stdout = open("/dev/full", "w")
print("lost at the end")
