# A module out of an archive that the program writes.
import zipfile, sys
with zipfile.ZipFile("lib.zip", "w") as z:
    z.writestr("inzip.py", "def f():\n    return 1 / 0\n")
sys.path.insert(0, "lib.zip")
import inzip
print(inzip.__file__, type(inzip.__loader__).__name__)
inzip.f()
