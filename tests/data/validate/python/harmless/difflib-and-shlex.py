import difflib
import fnmatch
import shlex

old = "import math\nprint(eval)\n".splitlines(keepends=True)
new = "import os\nprint(eval)\nos.system('x')\n".splitlines(keepends=True)
print("".join(difflib.unified_diff(old, new, "a.py", "b.py")))
print(difflib.get_close_matches("exce", ["eval", "exec", "open"]))
print(shlex.split("rm -rf 'my files'"), shlex.quote("a; b"), fnmatch.filter(["a.py", "b.c"], "*.py"))
