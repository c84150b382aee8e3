from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple

Point = namedtuple("Point", "x y", defaults=[0])
print(Point(1), Point(2, 3)._asdict(), Point(4, 5)._replace(x=0))

groups = defaultdict(list)
for word in "the quick brown fox jumps over the lazy dog".split():
    groups[len(word)].append(word)
print(dict(groups))

window = deque(maxlen=3)
for n in range(6):
    window.append(n)
print(window, Counter("mississippi").most_common(2))

settings = ChainMap({"debug": True}, {"debug": False, "open": 8})
print(settings["debug"], settings["open"], list(OrderedDict(a=1, b=2)))
