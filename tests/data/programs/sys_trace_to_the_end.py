# A tracer that stays until the end of the program.
import sys
def tracer(frame, event, arg):
    print(event, frame.f_code.co_filename, frame.f_code.co_name, frame.f_lineno)
    return tracer
sys.settrace(tracer)
sys._getframe().f_trace = tracer
x = 1
y = 2
