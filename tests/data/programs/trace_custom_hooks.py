# Hooks of the program's own get the bare truth.
import sys, traceback
def hook(kind, value, trace):
    frames = traceback.extract_tb(trace)
    print(kind.__name__, value, [(f.filename, f.lineno, f.name, f.line) for f in frames])
    print(trace.tb_frame.f_back, sys._getframe().f_back)
    sys.__excepthook__(kind, value, trace)
sys.excepthook = hook
def f():
    raise KeyError("hooked")
f()
