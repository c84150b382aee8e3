const TEXT = `It was the best of times, it was the worst of times,
it was the age of wisdom, it was the age of foolishness`;

const words = TEXT.toLowerCase().match(/\p{L}+/gu) ?? [];
const frequency = words.reduce((map, w) => map.set(w, (map.get(w) || 0) + 1), new Map());
const top = [...frequency.entries()].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, 5);

for (const [word, n] of top) console.log(word.padEnd(8), "#".repeat(n), n);
const capital = TEXT.split("\n").map((line) => line.replace(/\b\w/g, (c) => c.toUpperCase()));
console.log(capital.join("|"), [...TEXT].reverse().join("").slice(0, 10));
