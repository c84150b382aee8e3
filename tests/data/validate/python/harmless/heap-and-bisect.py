import bisect
import heapq


class MedianFinder:
    def __init__(self):
        self.low, self.high = [], []

    def add(self, n):
        heapq.heappush(self.low, -n)
        heapq.heappush(self.high, -heapq.heappop(self.low))
        if len(self.high) > len(self.low):
            heapq.heappush(self.low, -heapq.heappop(self.high))

    def median(self):
        if len(self.low) > len(self.high):
            return -self.low[0]
        return (self.high[0] - self.low[0]) / 2


finder = MedianFinder()
for n in (5, 2, 8, 1, 9, 3):
    finder.add(n)
    print(n, finder.median())

grades = "FEDCBA"
print([grades[bisect.bisect([40, 50, 60, 70, 80], score)] for score in (33, 50, 79, 99)])
print(heapq.nlargest(2, ["eval", "exec", "open", "zip"], key=len))
