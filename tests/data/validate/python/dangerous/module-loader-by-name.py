module = __loader__.load_module(input())  #! python.loader
print(module)
