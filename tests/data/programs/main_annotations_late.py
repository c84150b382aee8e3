# Annotations are texts with the import from the future.
from __future__ import annotations
x: int = 1
y: Unknown
print(__annotations__, annotations)
import sys
print(sys._getframe().f_code.co_flags & 0x1FF0000, compile("1", "x", "eval").co_flags & 0x1FF0000)
