# The stack, printed by each way.
# tiers
import traceback, inspect, sys
def f():
    traceback.print_stack(file=sys.stdout)
    print(traceback.format_stack())
    return inspect.stack()
for info in f():
    print(info.filename, info.lineno, info.function, info.code_context, info.index)
print(len(inspect.stack()), inspect.currentframe().f_back, len(traceback.extract_stack()))
