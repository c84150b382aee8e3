# who watches collections sees those of the end
import gc
import os


def told(phase, info):
    os.write(1, b"%s %d\n" % (phase.encode(), info["generation"]))


print("begins", flush=True)
gc.collect()
gc.callbacks.append(told)
