@eval  #! python.eval
@(lambda function: "print(40 + 2)")
def answer():
    pass
