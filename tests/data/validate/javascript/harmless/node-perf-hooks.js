const { performance } = require("node:perf_hooks");

function measure(name, fn) {
  const start = performance.now();
  const result = fn();
  console.log(`${name}: ${(performance.now() - start).toFixed(2)} ms`);
  return result;
}

const n = measure("loop", () => {
  let sum = 0;
  for (let i = 0; i < 1e6; i++) sum += i % 7;
  return sum;
});
const [seconds, nanos] = process.hrtime();
console.log(n, typeof seconds, nanos >= 0, process.uptime() > 0, process.memoryUsage().heapUsed > 0);
