build, (show, *rest) = compile, (print, len, str)  #! python.compile
code = build("1 + 1", "<s>", "eval")  #! python.compile
show(code)
