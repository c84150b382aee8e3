const grid = [
  [1, 2, 3],
  [4, -5, 6],
  [7, 8, 9],
];
search: for (const [y, row] of grid.entries()) {
  for (const [x, value] of row.entries()) {
    if (value < 0) {
      console.log("negative at", x, y);
      break search;
    }
    if (value % 2) continue;
  }
}

let n = 27;
let steps = 0;
for (;;) {
  if (n === 1) break;
  n = n % 2 ? 3 * n + 1 : n / 2;
  steps++;
}
do {
  steps--;
} while (steps > 100);
switch (typeof steps) {
  case "number":
    console.log(steps);
    break;
  default:
    console.log("eval?");
}
