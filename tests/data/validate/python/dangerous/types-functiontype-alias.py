from types import FunctionType as F  #! python.code-object
from typing import TypeAlias

Maker: TypeAlias = F  #! python.code-object


def build(code):
    return Maker(code, {})  #! python.code-object
