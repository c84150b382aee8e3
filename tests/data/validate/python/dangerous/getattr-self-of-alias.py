measure = len
home = getattr(measure, "__se" + "lf__")  #! python.builtin-self python.builtins
print(home.__name__)
