const text = "the cat and the dog and the bird";
const counts = new Map();
for (const word of text.split(" ")) counts.set(word, (counts.get(word) ?? 0) + 1);
console.log([...counts].sort(([, a], [, b]) => b - a));

const a = new Set([1, 2, 3, 4]);
const b = new Set([3, 4, 5]);
console.log([...a].filter((x) => b.has(x)), new Set([...a, ...b]).size);

const meta = new WeakMap();
const key = {};
meta.set(key, { eval: true, exec: [] });
console.log(meta.get(key).eval, Object.fromEntries(counts));
