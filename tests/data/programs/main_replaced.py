# Takes __main__ out of sys.modules.
import sys
del sys.modules["__main__"]
print(__name__, "__main__" in sys.modules)
class C: pass
print(C.__module__)
raise ValueError("after that")
