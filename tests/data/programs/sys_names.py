# Names in sys and in builtins.
import sys, builtins
print(dir(sys))
print(dir(builtins))
print(hasattr(sys, "last_type"), hasattr(sys, "ps1"), hasattr(builtins, "_"))
