import random


def bubble(a):
    a = list(a)
    for end in range(len(a) - 1, 0, -1):
        swapped = False
        for i in range(end):
            if a[i] > a[i + 1]:
                a[i], a[i + 1] = a[i + 1], a[i]
                swapped = True
        if not swapped:
            break
    return a


def insertion(a):
    a = list(a)
    for i in range(1, len(a)):
        x, j = a[i], i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x
    return a


def merge(a):
    if len(a) < 2:
        return list(a)
    mid = len(a) // 2
    left, right, out = merge(a[:mid]), merge(a[mid:]), []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    return out + left[i:] + right[j:]


def quick(a):
    if len(a) < 2:
        return list(a)
    pivot = a[len(a) // 2]
    return (
        quick([x for x in a if x < pivot])
        + [x for x in a if x == pivot]
        + quick([x for x in a if x > pivot])
    )


def heap(a):
    a = list(a)

    def sift(start, end):
        root = start
        while (child := 2 * root + 1) < end:
            if child + 1 < end and a[child] < a[child + 1]:
                child += 1
            if a[root] >= a[child]:
                return
            a[root], a[child] = a[child], a[root]
            root = child

    for start in range(len(a) // 2 - 1, -1, -1):
        sift(start, len(a))
    for end in range(len(a) - 1, 0, -1):
        a[0], a[end] = a[end], a[0]
        sift(0, end)
    return a


def counting(a):
    counts = {}
    for x in a:
        counts[x] = counts.get(x, 0) + 1
    return [x for x in range(min(a), max(a) + 1) for _ in range(counts.get(x, 0))]


random.seed(0)
numbers = [random.randrange(100) for _ in range(50)]
expected = sorted(numbers)
for algorithm in (bubble, insertion, merge, quick, heap, counting):
    assert algorithm(numbers) == expected, algorithm.__name__
    print(f"{algorithm.__name__:<10} ok")
