function* fibonacci() {
  let [a, b] = [0, 1];
  while (true) {
    yield a;
    [a, b] = [b, a + b];
  }
}

function* take(iterable, n) {
  for (const value of iterable) {
    if (n-- <= 0) return;
    yield value;
  }
}

class Tree {
  constructor(value, left = null, right = null) {
    Object.assign(this, { value, left, right });
  }

  *[Symbol.iterator]() {
    if (this.left) yield* this.left;
    yield this.value;
    if (this.right) yield* this.right;
  }
}

async function* ticks(n) {
  for (let i = 0; i < n; i++) {
    await null;
    yield i;
  }
}

console.log([...take(fibonacci(), 12)]);
console.log([...new Tree(2, new Tree(1), new Tree(3))]);
(async () => {
  for await (const t of ticks(3)) console.log(t);
})();
