# Modules that are there once the libraries are: no helper among them that the cold interpreter has not.
# tiers
import sys
known = ("numpy", "pandas", "matplotlib", "PIL", "pytz", "dateutil", "six", "kiwisolver", "scipy", "mpl_toolkits", "pyparsing", "packaging")
names = {name.partition(".")[0] for name in sys.modules}
print(sorted(n for n in names if n not in known and n not in sys.stdlib_module_names))
print(sorted({getattr(m, "__file__", None) for n, m in sys.modules.items() if (getattr(m, "__file__", None) or "/usr/").startswith(("/usr/", "/work/main.py")) is False}))
