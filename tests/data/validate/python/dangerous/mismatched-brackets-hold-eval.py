print(("start", [1, eval("2"))  #! python.unparsed-danger python.syntax-error
