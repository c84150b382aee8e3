def countdown(n):
    while n:
        yield n
        n -= 1


def fibonacci():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def averager():
    total = count = 0
    average = None
    while True:
        value = yield average
        if value is None:
            return total
        total += value
        count += 1
        average = total / count


def flatten(tree):
    for node in tree:
        if isinstance(node, (list, tuple)):
            yield from flatten(node)
        else:
            yield node


print(list(countdown(5)), list(flatten([1, [2, (3, [4])], 5])))
print([n for n, _ in zip(fibonacci(), range(12))])
avg = averager()
next(avg)
print([avg.send(x) for x in (10, 20, 60)])
