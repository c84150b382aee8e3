# Processors, priority, scheduler, umask.
# tiers
import os
print(len(os.sched_getaffinity(0)), os.cpu_count(), os.nice(0), os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), os.sched_getparam(0).sched_priority)
old = os.umask(0o77)
print(oct(old))
open("x", "w").close()
print(oct(os.stat("x").st_mode), os.nice(3))
for attempt in (lambda: os.sched_setaffinity(0, [0]), lambda: os.nice(-5), lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)), os.getloadavg):
    try:
        print(type(attempt()).__name__)
    except OSError as error:
        print(error.errno, error.strerror)
