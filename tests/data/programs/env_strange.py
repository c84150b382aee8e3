# What must not be there.
import os
print([n for n in os.environ if n.startswith(("SG_", "SANDGATE", "LD_", "GLIBC", "MALLOC", "PYTHON"))])
