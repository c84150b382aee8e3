# The limit of memory, reached by an array.
# request: {"limits": {"memory_bytes": 134217728}}
import numpy as np
print("kept", flush=True)
a = np.ones(1 << 26)
print("never")
