# A package of the request, with relative imports in it.
import sys
from pack import first
from pack.sub import deep
import pack
print(first.value, deep.up(), pack.__path__, pack.__file__, pack.__package__, deep.__package__)
print(sorted(n for n in sys.modules if n.startswith("pack") and n.split(".")[0] == "pack"))
from pack import missing
