# What __main__ is made of.
print(repr(__name__), repr(__file__), __doc__, __package__, __spec__)
print("__cached__" in globals() and __cached__, "__path__" in globals())
print(type(__builtins__), __builtins__.__name__)
print("__annotations__" in globals() and __annotations__)
