# multiprocessing by each method, pools, executors.
import multiprocessing, concurrent.futures
def f(x):
    return x
if __name__ == "__main__":
    print(multiprocessing.get_start_method(), multiprocessing.current_process().name, multiprocessing.parent_process(), multiprocessing.active_children())
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        for name, attempt in (("process", lambda: context.Process(target=f, args=(1,)).start()), ("manager", context.Manager)):
            try:
                print(method, name, attempt())
            except Exception as error:
                print(method, name, type(error).__name__, error)
    try:
        with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
            print(pool.submit(f, 1).result(5))
    except Exception as error:
        print(type(error).__name__, error)
    try:
        multiprocessing.Pool(1)
    except Exception as error:
        print(type(error).__name__, error)
