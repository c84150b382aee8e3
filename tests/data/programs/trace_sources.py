# Sources of its own functions and classes.
# tiers
import inspect, linecache
def f(a, b=1, *c, d, **e):
    """Doc of f."""
    return a  # with a comment
class C:
    def m(self): return 1
print(inspect.getsource(f), inspect.getsource(C), inspect.getsource(C.m), inspect.signature(f), inspect.getdoc(f))
print(inspect.getsourcefile(f), inspect.getfile(C), inspect.getmodule(f).__name__, inspect.getsourcelines(C)[1], inspect.getcomments(C))
print(ascii(linecache.getline(__file__, 1)), ascii(linecache.getline("main.py", 4)))
print(inspect.getsource(inspect.getmodule(f)) == open(__file__).read())
