# A profiler that stays until the end: sees the return of the module and nothing of ours.
import sys
def profiler(frame, event, arg):
    sys.stdout.write("%s %s %s\n" % (event, frame.f_code.co_filename, frame.f_code.co_name)) if event != "c_call" and event != "c_return" else None
sys.setprofile(profiler)
def f(): pass
f()
