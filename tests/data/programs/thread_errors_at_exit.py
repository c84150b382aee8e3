# A thread that fails after main has ended; and one with its own hook.
import threading, time
def work():
    threading.main_thread().join()
    raise OSError("too late")
threading.Thread(target=work, name="late").start()
def hook(args):
    print("hook", args.exc_type.__name__, args.exc_value, args.thread.name)
threading.excepthook = hook
print("main ends")
raise SystemExit(3)
