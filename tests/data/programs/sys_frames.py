# Frames below the program: none.
# tiers
import sys
frame = sys._getframe()
print(frame.f_back, frame.f_code.co_name, frame.f_lineno, frame.f_globals is globals(), frame.f_trace, frame.f_builtins is vars(__builtins__))
try:
    sys._getframe(1)
except ValueError as error:
    print(error)
print(len(sys._current_frames()), sys._current_exceptions() and list(sys._current_exceptions().values()), sys.exc_info())
def f(n):
    return f(n - 1) if n else (sys._getframe(5).f_code.co_name, sys._getframe(6).f_back)
print(f(5))
