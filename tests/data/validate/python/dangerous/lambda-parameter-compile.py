unit = (lambda make, text: make(text, "<s>", "eval"))(compile, "1 + 1")  #! python.compile
print(unit)
