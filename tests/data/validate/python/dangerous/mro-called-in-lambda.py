base = (lambda t: t.mro()[-1])(bool)  #! python.mro
print(base)
