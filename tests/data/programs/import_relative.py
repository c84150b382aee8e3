# A relative import in the program itself.
try:
    from . import other
except ImportError as error:
    print(type(error).__name__, error, error.name, error.path)
from .other import thing
