# Where modules are looked for.
# tiers
import sys
print(sys.path)
print(sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, sys.platlibdir, sys.pycache_prefix)
print(sys.executable, sys._base_executable, getattr(sys, "_home", None), sys._stdlib_dir)
print([getattr(f, "__name__", type(f).__name__) for f in sys.meta_path])
print([getattr(h, "__qualname__", h) for h in sys.path_hooks])
