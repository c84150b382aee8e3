# Deletes every name of its own module and goes on.
import sys
for name in list(globals()):
    if name not in ("sys", "name"):
        del globals()[name]
print(sorted(globals()))
sys.stdout.write("still here\n")
1 / 0
