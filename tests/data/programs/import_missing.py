# A module that is not there, from a module that is.
try:
    import no_such_module
except ModuleNotFoundError as error:
    print(error, error.name, error.path)
try:
    import os.nothing
except ModuleNotFoundError as error:
    print(error, error.name)
try:
    from os import nothing
except ImportError as error:
    print(error, error.name, error.path)
import asks
