# A syntax error in the program itself.
print("never")
def f(:
    pass
