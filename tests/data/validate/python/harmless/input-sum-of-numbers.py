n = int(input())
numbers = list(map(int, input().split()))
assert len(numbers) == n, "wrong count"
print(sum(numbers), max(numbers), *sorted(numbers, reverse=True))
if n == 0:
    exit()
