# A callback of the collector, and objects that come back to life.
import gc
phases = []
gc.callbacks.append(lambda phase, info: phases.append((phase, info["generation"])))
gc.collect()
gc.callbacks.clear()
print(phases)
kept = []
class Back:
    def __del__(self):
        kept.append(self)
b = Back(); b.me = b
del b
gc.collect()
print(len(kept), kept[0].me is kept[0])
