const log = [];
const target = { os: "linux", eval: 1, process: null };

const watched = new Proxy(target, {
  get(object, key, receiver) {
    log.push(`get ${String(key)}`);
    return Reflect.get(object, key, receiver);
  },
  set(object, key, value) {
    if (typeof value === "function") throw new TypeError("no functions");
    return Reflect.set(object, key, value);
  },
  has: (object, key) => !key.startsWith("_") && key in object,
});

watched.eval += watched.os.length;
console.log(target.eval, "_x" in watched, Reflect.ownKeys(target), log);
const negative = (array) =>
  new Proxy(array, { get: (a, k) => (typeof k === "string" && /^-\d+$/.test(k) ? a.at(Number(k)) : a[k]) });
console.log(negative([1, 2, 3])[-1]);
