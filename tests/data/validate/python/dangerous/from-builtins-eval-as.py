from builtins import eval as calculate  #! python.import.builtins python.eval

print(calculate("1 + 1"))  #! python.eval
