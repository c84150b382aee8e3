from numpy.ctypeslib import load_library  #! python.import.ctypes

evil = load_library("evil", ".")
evil.run()
