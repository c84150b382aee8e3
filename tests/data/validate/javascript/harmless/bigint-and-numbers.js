const factorial = (n) => (n <= 1n ? 1n : n * factorial(n - 1n));
console.log(factorial(30n).toString(), BigInt.asUintN(8, 257n), typeof 1n);
console.log((0.1 + 0.2).toFixed(10), Number.EPSILON > 0, parseInt("ff", 16), (255).toString(2), 1_000_000);
console.log(Math.max(...[3, 9, 2]), Math.hypot(3, 4), Number.isSafeInteger(2 ** 53), 7 % -3, -7 >> 1);
