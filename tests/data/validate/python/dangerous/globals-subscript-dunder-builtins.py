scope = globals()["__built" + "ins__"]  #! python.builtins python.globals
print(scope)  #! python.builtins
