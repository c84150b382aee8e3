# Hooks are the interpreter's own.
# tiers
import sys, threading, builtins
for name in ("excepthook", "displayhook", "unraisablehook", "breakpointhook"):
    print(name, getattr(sys, name) is getattr(sys, "__%s__" % name), getattr(sys, name))
print(threading.excepthook is threading.__excepthook__, builtins.__import__, builtins.open, builtins.input, builtins.print)
print(builtins.__build_class__, builtins.exit, builtins.quit, builtins.help)
