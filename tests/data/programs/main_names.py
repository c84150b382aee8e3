# Names of the module __main__ before the program has made any.
print(sorted(globals()))
print(globals() is locals(), sorted(vars()) == sorted(globals()), sorted(dir()))
