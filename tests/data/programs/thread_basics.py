# The main thread, and others beside it.
# tiers
import threading, os, time
main = threading.main_thread()
print(main.name, main.ident == threading.get_ident(), main is threading.current_thread(), main.is_alive(), main.daemon, type(main).__name__)
print(main.native_id == os.getpid(), threading.get_native_id() == os.getpid(), threading.active_count(), [t.name for t in threading.enumerate()])
seen = []
def work():
    seen.append((threading.current_thread().name, threading.get_native_id() == threading.current_thread().native_id, 0 < threading.get_native_id() - os.getpid() < 10, threading.active_count(), threading.get_ident() != main.ident))
t = threading.Thread(target=work)
t.start(); t.join()
print(seen, 0 < t.native_id - os.getpid() < 10, threading.gettrace(), threading.getprofile())
print(time.clock_gettime(time.pthread_getcpuclockid(threading.get_ident())) < 30)
