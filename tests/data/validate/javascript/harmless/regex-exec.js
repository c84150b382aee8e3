const pattern = /(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})/g;
const text = "From 2024-01-31 to 2024-02-29, and eval(2023-12-24).";

let match;
while ((match = pattern.exec(text)) !== null) {
  const { year, month, day } = match.groups;
  console.log(`${day}.${month}.${year} at ${match.index}`);
}
console.log(/child_process|eval/.exec(text)?.[0], /\bexec\b/.test(text));
console.log(text.replace(/(\d+)-(\d+)-(\d+)/g, "$3/$2/$1"));
console.log([...text.matchAll(/[A-Z]\w+/g)].map((m) => m[0]));
const re = new RegExp("e" + "val", "iu");
console.log(re.exec("EVAL").length);
