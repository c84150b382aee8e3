import timeit

print(timeit.timeit("__import__('os').getcwd()", number=1))  #! python.run-string
