# cProfile, timeit, dis and code of the program's own.
import cProfile, pstats, io, dis, timeit
def f():
    return sum(range(10))
p = cProfile.Profile()
p.runcall(f)
out = io.StringIO()
pstats.Stats(p, stream=out)
print(sorted((k[0], k[2]) for k in p.stats or pstats.Stats(p).stats) if hasattr(p, "stats") else None)
dis.dis(f)
print(timeit.timeit("f()", globals=globals(), number=3) < 5)
