# a module whose functions are hooks of the interpreter: what it has open is written
# request: {"output_files": ["*.txt"]}
import sys

out = open("out.txt", "w")
out.write("x")


def hook(kind, value, trace):
    print("hook", kind.__name__, value)


def tracer(frame, event, argument):
    return None


sys.excepthook = hook
sys.settrace(tracer)
1 / 0
