import itertools
import operator


def chunked(iterable, size):
    it = iter(iterable)
    while chunk := list(itertools.islice(it, size)):
        yield chunk


def primes():
    found = []
    for n in itertools.count(2):
        if all(n % p for p in itertools.takewhile(lambda p: p * p <= n, found)):
            found.append(n)
            yield n


print(list(chunked(range(10), 4)))
print(list(itertools.islice(primes(), 15)))
print(list(itertools.accumulate([1, 2, 3, 4], operator.mul)))
print(["".join(p) for p in itertools.permutations("abc", 2)])
for key, group in itertools.groupby(sorted("eval exec open".split(), key=len), key=len):
    print(key, list(group))
