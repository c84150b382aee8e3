from . import first as _first
__all__ = ["first"]
