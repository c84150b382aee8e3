function counter(start = 0, step = 1) {
  let value = start;
  return {
    next: () => (value += step),
    reset() {
      value = start;
    },
    get value() {
      return value;
    },
  };
}

const memoize = (fn) => {
  const cache = new Map();
  return (n) => {
    if (!cache.has(n)) cache.set(n, fn(n));
    return cache.get(n);
  };
};

const fib = memoize((n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)));
const a = counter(10, 5);
a.next();
a.next();
console.log(a.value, fib(60));

const compose = (...fns) => (x) => fns.reduceRight((acc, f) => f(acc), x);
console.log(compose((x) => x + 1, Math.sqrt)(16));
