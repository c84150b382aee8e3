import contextvars
import sched
import time
import weakref

scheduler = sched.scheduler(time.monotonic, time.sleep)
log = []
scheduler.enter(0.002, 1, log.append, argument=("second",))
scheduler.enter(0.001, 1, log.append, argument=("first",))
scheduler.run()
print(log)


class Cache(weakref.WeakValueDictionary):
    pass


current = contextvars.ContextVar("current", default="nobody")
token = current.set("ann")
print(current.get(), len(Cache()))
current.reset(token)
