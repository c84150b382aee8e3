print(globals()[input("which? ")]())  #! python.globals
