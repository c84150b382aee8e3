def fail(n):
    if n:
        return fail(n - 1)
    raise ValueError("deep in helper")
