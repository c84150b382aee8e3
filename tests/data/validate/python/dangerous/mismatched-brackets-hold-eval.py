print(("start", [1, eval("2"))  #! python.eval python.unparsed-danger python.syntax-error
