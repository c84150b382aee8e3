# A tracer and a profiler that the program sets see its own calls only.
import sys
events = []
def tracer(frame, event, arg):
    events.append((event, frame.f_code.co_name, frame.f_lineno))
    return tracer
def f():
    return 1
sys.settrace(tracer)
f()
sys.settrace(None)
print(events)
events.clear()
sys.setprofile(lambda frame, event, arg: events.append((event, frame.f_code.co_name)))
f()
len(())
sys.setprofile(None)
print(events)
