import importlib as loader  #! python.import.importlib

c = loader.import_module("%s%s" % ("c", "types"))  #! python.import.ctypes
c.string_at(0)
