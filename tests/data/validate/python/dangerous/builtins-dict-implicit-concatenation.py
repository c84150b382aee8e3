import builtins  #! python.import.builtins

e = builtins.__dict__["ev" "al"]  #! python.eval python.dunder-dict
print(e("2 + 2"))  #! python.eval
