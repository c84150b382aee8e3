let n = 3;
while (n --> 0) {
  console.log(`n goes to ${n}`);
}
const goesTo = (x) => { let steps = 0; while (x --> 0) steps++; return steps; };
console.log(goesTo(5), 3 < 4, 5 > 4);
