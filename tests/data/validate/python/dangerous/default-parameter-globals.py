def peek(name, scope=globals): return scope()[name]  #! python.globals


print(peek("__name__"))
