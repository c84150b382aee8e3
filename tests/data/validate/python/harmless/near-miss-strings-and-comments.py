# os.system("ls") and eval("1") are only talked about here.
# import subprocess; subprocess.run(["id"])
"""This module explains why exec() and __import__("os") are dangerous.

>>> eval("1 + 1")
2
>>> import os; os.system("true")
0
"""

WARNING = "Do not call os.system(), subprocess.Popen() or eval()."
TIPS = [
    'Use ast.literal_eval instead of eval("...")',
    "exec(compile(code, '<string>', 'exec')) runs code",
    r"pickle.loads(data) can run os.popen",
]


def explain(name):
    """Explain `eval`, `exec` and ().__class__.__bases__[0].__subclasses__()."""
    return f"os.system is bad, eval({name}) too, __builtins__ as well"


for tip in TIPS:
    print("-", tip)  # not exec(tip)
print(WARNING, explain("x"))
