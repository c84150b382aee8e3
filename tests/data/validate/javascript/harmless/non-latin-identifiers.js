const größe = 3;
const straße = "Hauptstraße";
const 数据 = [3, 1, 2];
const 排序 = (列表) => [...列表].sort((a, b) => a - b);
const π = Math.PI;
const $ = (x) => x;
const _ = { eval: "nur ein Wort" };

console.log(größe, straße.toUpperCase(), 排序(数据), π.toFixed(3), $(_.eval));
console.log("😀👩‍👩‍👧".length, [..."😀é"].length, "Привет, exec", "\u{1F600}", "\x65\x76\x61\x6c");
