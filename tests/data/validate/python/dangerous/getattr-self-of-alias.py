measure = len
home = getattr(measure, "__se" + "lf__")  #! python.builtin-self
print(home.__name__)  #! python.builtin-self
