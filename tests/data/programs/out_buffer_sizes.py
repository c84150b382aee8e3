# How much a buffer of stdout holds is seen by what is lost.
import os
print("x" * 3000)
print("y" * 3000)
print("z" * 3000)
os.write(2, b"so far\n")
print("w" * 9000)
print("lost")
os._exit(0)
