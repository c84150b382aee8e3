class PriorityQueue {
  #heap = [];

  get size() {
    return this.#heap.length;
  }

  push(priority, value) {
    const heap = this.#heap;
    heap.push({ priority, value });
    let i = heap.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent].priority <= heap[i].priority) break;
      [heap[parent], heap[i]] = [heap[i], heap[parent]];
      i = parent;
    }
  }

  pop() {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (heap.length) {
      heap[0] = last;
      let i = 0;
      for (;;) {
        const left = 2 * i + 1;
        const right = left + 1;
        let least = i;
        if (left < heap.length && heap[left].priority < heap[least].priority) least = left;
        if (right < heap.length && heap[right].priority < heap[least].priority) least = right;
        if (least === i) break;
        [heap[least], heap[i]] = [heap[i], heap[least]];
        i = least;
      }
    }
    return top;
  }
}

class Graph {
  constructor(edges) {
    this.nodes = new Map();
    for (const [a, b, weight] of edges) {
      this.link(a, b, weight);
      this.link(b, a, weight);
    }
  }

  link(a, b, weight) {
    if (!this.nodes.has(a)) this.nodes.set(a, []);
    this.nodes.get(a).push({ to: b, weight });
  }

  shortest(from, to) {
    const distance = new Map([[from, 0]]);
    const previous = new Map();
    const queue = new PriorityQueue();
    queue.push(0, from);
    while (queue.size) {
      const { priority, value: node } = queue.pop();
      if (node === to) break;
      if (priority > distance.get(node)) continue;
      for (const { to: next, weight } of this.nodes.get(node) ?? []) {
        const total = priority + weight;
        if (total < (distance.get(next) ?? Infinity)) {
          distance.set(next, total);
          previous.set(next, node);
          queue.push(total, next);
        }
      }
    }
    const path = [];
    for (let node = to; node !== undefined; node = previous.get(node)) path.unshift(node);
    return { path, distance: distance.get(to) };
  }
}

const graph = new Graph([
  ["Kiel", "Hamburg", 97],
  ["Hamburg", "Berlin", 289],
  ["Hamburg", "Hannover", 150],
  ["Hannover", "Berlin", 286],
  ["Berlin", "Leipzig", 190],
  ["Hannover", "Leipzig", 265],
]);
console.log(graph.shortest("Kiel", "Leipzig"));
