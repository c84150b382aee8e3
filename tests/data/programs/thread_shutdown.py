# threading._register_atexit and _shutdown.
import threading, atexit
atexit.register(print, "atexit comes second")
threading._register_atexit(print, "threads' atexit comes first")
print(threading._shutdown.__name__, len(threading._shutdown_locks), threading._main_thread._tstate_lock is not None)
t = threading.Thread(target=lambda: (threading.main_thread().join(), print("thread comes between")))
t.start()
