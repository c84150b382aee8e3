# An import from the future that comes too late.
print("never")
from __future__ import annotations
