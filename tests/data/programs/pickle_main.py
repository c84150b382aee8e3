# Pickles of classes of __main__.
import pickle, copy, pickletools
class Point:
    def __init__(self, x): self.x = x
    def __eq__(self, other): return self.x == other.x
def f(): pass
data = pickle.dumps([Point(1), f, Point], protocol=2)
print(b"__main__" in data, pickle.loads(data)[0].x, pickle.loads(data)[1] is f, copy.deepcopy(Point(2)).x)
del Point
try:
    pickle.loads(data)
except AttributeError as error:
    print(str(error).split(" from ")[0])
pickle.dumps(lambda: 0)
