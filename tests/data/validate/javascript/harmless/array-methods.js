const people = [
  { name: "Ann", age: 31, tags: ["admin", "dev"] },
  { name: "Bo", age: 25, tags: ["dev"] },
  { name: "Cy", age: 42, tags: [] },
];

const byAge = people.toSorted?.((a, b) => a.age - b.age) ?? [...people].sort((a, b) => a.age - b.age);
console.log(byAge.map(({ name }) => name).join(", "));
console.log(people.flatMap((p) => p.tags).filter((t, i, all) => all.indexOf(t) === i));
console.log(people.reduce((sum, p) => sum + p.age, 0) / people.length);
console.log(people.some((p) => p.age > 40), people.every((p) => p.name), people.find((p) => p.tags.length === 0));
const groups = people.reduce((acc, p) => ((acc[p.tags.length] ??= []).push(p.name), acc), {});
console.log(groups, Array.from({ length: 5 }, (_, i) => i ** 2), [1, [2, [3]]].flat(Infinity));
console.log(people.at(-1).name, [3, 1, 2].includes(2), Array.isArray([]), Array.of(7).fill(0));
