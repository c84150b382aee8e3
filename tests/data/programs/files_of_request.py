# Other files of the request: read, imported, listed.
import os, sys
for top, dirs, names in os.walk("."):
    dirs.sort()
    for name in sorted(names):
        s = os.stat(os.path.join(top, name))
        print(os.path.join(top, name), oct(s.st_mode), s.st_uid, s.st_size if name != "main.py" else "")
import tool
print(tool.double(4), tool.__file__, tool.__cached__, tool.__spec__.origin, tool.__loader__.__class__.__name__, tool.__name__)
print(open("data/words.txt").read().split(), sys.modules["tool"] is tool)
