import resource as r  #! python.import.system

r.setrlimit(r.RLIMIT_AS, (r.RLIM_INFINITY, r.RLIM_INFINITY))
block = bytearray(1 << 40)
