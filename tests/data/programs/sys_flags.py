# Flags of the interpreter.
import sys
print(sys.flags)
print(sys._xoptions, sys.warnoptions, sys.dont_write_bytecode, sys.float_repr_style, sys.maxsize, sys.byteorder)
print(sys.version, sys.hexversion, sys.api_version, sys.implementation.name, sys.implementation.cache_tag)
print(sys.thread_info, sys.hash_info.width, sys.int_info)
