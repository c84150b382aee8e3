if False:
    def eval(text):
        return text

print(eval("1 + 1"))  #! python.eval
