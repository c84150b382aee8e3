# Sets and dictionaries: order, hashes, equality.
import collections, heapq, itertools, bisect, array, struct
print({"b": 1, "a": 2}, sorted({"x", "y", "z"}), collections.Counter("abca").most_common(1), hash(frozenset([1, 2])) == hash(frozenset([2, 1])), {1, 2, 3})
print(list(itertools.islice(itertools.count(), 3)), heapq.nsmallest(2, [3, 1, 2]), bisect.bisect([1, 2], 1), array.array("i", [1]), struct.pack("<I", 1), collections.deque([1], 3), collections.ChainMap({}, {"a": 1})["a"])
