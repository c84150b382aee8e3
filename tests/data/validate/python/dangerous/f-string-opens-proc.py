print(f"status: {open('/proc/self/environ').read()!r}")  #! python.read-sensitive
