import heapq
from collections import defaultdict, deque
from graphlib import TopologicalSorter


class Graph:
    def __init__(self, directed=False):
        self.directed = directed
        self.edges = defaultdict(dict)

    def add(self, a, b, weight=1):
        self.edges[a][b] = weight
        if not self.directed:
            self.edges[b][a] = weight
        else:
            self.edges.setdefault(b, {})

    def bfs(self, start):
        seen, queue, order = {start}, deque([start]), []
        while queue:
            node = queue.popleft()
            order.append(node)
            for other in sorted(self.edges[node]):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
        return order

    def dfs(self, start, seen=None):
        seen = set() if seen is None else seen
        seen.add(start)
        yield start
        for other in sorted(self.edges[start]):
            if other not in seen:
                yield from self.dfs(other, seen)

    def dijkstra(self, start):
        distance = {start: 0}
        heap = [(0, start)]
        while heap:
            d, node = heapq.heappop(heap)
            if d > distance.get(node, float("inf")):
                continue
            for other, weight in self.edges[node].items():
                new = d + weight
                if new < distance.get(other, float("inf")):
                    distance[other] = new
                    heapq.heappush(heap, (new, other))
        return distance

    def components(self):
        left = set(self.edges)
        while left:
            component = set(self.bfs(min(left)))
            left -= component
            yield sorted(component)

    def kruskal(self):
        parent = {node: node for node in self.edges}

        def find(x):
            while parent[x] != x:
                parent[x] = parent[parent[x]]
                x = parent[x]
            return x

        total = 0
        edges = sorted((w, a, b) for a, targets in self.edges.items() for b, w in targets.items())
        for w, a, b in edges:
            ra, rb = find(a), find(b)
            if ra != rb:
                parent[ra] = rb
                total += w
        return total


g = Graph()
for a, b, w in [("A", "B", 4), ("A", "C", 1), ("C", "B", 2), ("B", "D", 5), ("X", "Y", 3)]:
    g.add(a, b, w)
print(g.bfs("A"), list(g.dfs("A")))
print(g.dijkstra("A"), list(g.components()), g.kruskal())
print(list(TopologicalSorter({"link": {"compile"}, "compile": {"open"}}).static_order()))
