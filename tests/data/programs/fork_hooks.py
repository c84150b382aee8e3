# What the standard library has done at a fork: to its locks, its threads, its random numbers.
# tiers
import concurrent.futures.thread as pool, logging, os, random, threading
main = threading.main_thread()
print(main is threading.current_thread(), main.ident == threading.get_ident(), main.native_id == threading.get_native_id() == os.getpid())
print(threading.enumerate() == [main], len(threading._dangling), threading._active == {main.ident: main}, main._is_stopped, main.is_alive())
print(logging._lock.acquire(False), logging._lock._is_owned(), repr(logging._lock).split()[1], len(logging._at_fork_reinit_lock_weakset) > 0)
logging._lock.release()
print([handler.lock.acquire(False) for handler in logging._handlerList and [logging.lastResort]])
print(pool._global_shutdown_lock.acquire(False), pool._global_shutdown_lock.locked(), pool._shutdown)
pool._global_shutdown_lock.release()
print(threading._active_limbo_lock.acquire(False), threading._shutdown_locks_lock.acquire(False))
threading._active_limbo_lock.release(); threading._shutdown_locks_lock.release()
print(random.getrandbits(64) != random.Random(0).getrandbits(64), random._inst.gauss_next)
os.register_at_fork(before=lambda: print("before"), after_in_child=lambda: print("child"), after_in_parent=lambda: print("parent"))
try:
    print(os.fork())
except OSError as error:
    print(error.errno)
t = threading.Thread(target=lambda: print(threading.current_thread().native_id > 1, threading.main_thread() is main))
t.start(); t.join()
print(main._tstate_lock.locked(), main.native_id)
