# The loader of __main__, and what it says of it.
print(type(__loader__), __loader__.__class__.__module__)
print(getattr(__loader__, "name", None), getattr(__loader__, "path", None))
try:
    print(ascii(__loader__.get_source("__main__")[:20]), __loader__.is_package("__main__"))
    print(__loader__.get_filename(), __loader__.get_code("__main__").co_filename)
except Exception as error:
    print(type(error), error)
