# A module that the program writes itself.
# tiers
import importlib, sys
with open("made.py", "w") as f:
    f.write("x = 1\n")
import made
print(made.x, made.__file__)
with open("made.py", "w") as f:
    f.write("x = 22\n")
importlib.reload(made)
print(made.x)
import importlib.util
spec = importlib.util.spec_from_file_location("by_path", "made.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(module.x, importlib.util.find_spec("made").origin, importlib.util.find_spec("not_made"))
