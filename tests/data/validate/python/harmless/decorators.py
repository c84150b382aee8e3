import functools
import time


def retry(times=3, exceptions=(Exception,)):
    def decorate(func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            for attempt in range(1, times + 1):
                try:
                    return func(*args, **kwargs)
                except exceptions as error:
                    print(f"{func.__name__}: attempt {attempt} failed: {error}")
                    time.sleep(0)
            raise RuntimeError("gave up")

        return wrapper

    return decorate


def memoize(func):
    cache = {}

    @functools.wraps(func)
    def wrapper(*args):
        if args not in cache:
            cache[args] = func(*args)
        return cache[args]

    return wrapper


attempts = []


@retry(times=4, exceptions=(ValueError,))
def unstable():
    attempts.append(1)
    if len(attempts) < 3:
        raise ValueError("not yet")
    return "done"


@memoize
def collatz(n):
    return 1 if n == 1 else 1 + collatz(n // 2 if n % 2 == 0 else 3 * n + 1)


print(unstable(), collatz(27), unstable.__wrapped__.__name__)
