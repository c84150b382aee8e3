try:
    from cffi import FFI  #! python.import.ctypes
    libc = FFI().dlopen(None)
except ImportError:
    import ctypes  #! python.import.ctypes
    libc = ctypes.CDLL(None)
libc.system(b"id")
