pick = "lave"[::-1]
print(__builtins__[pick]("1 + 1"))  #! python.builtins python.eval
