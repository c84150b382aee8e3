# Cycles are collected without being asked to.
# tiers
import weakref
class C: pass
refs = []
for n in range(3000):
    c = C()
    c.me = c
    refs.append(weakref.ref(c))
del c
print(any(r() is None for r in refs), sum(r() is not None for r in refs) < 1500)
