const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

function merge(target, source) {
  for (const key of Object.keys(source)) {
    if (FORBIDDEN.has(key) || key === "__proto__") continue;
    const value = source[key];
    if (value && typeof value === "object" && !Array.isArray(value)) {
      target[key] = merge(target[key] ?? Object.create(null), value);
    } else {
      target[key] = value;
    }
  }
  return target;
}

const merged = merge({ a: { x: 1 } }, JSON.parse('{"a": {"y": 2}, "__proto__": {"admin": true}, "eval": [1]}'));
console.log(merged, {}.admin, "__proto__ is only a string");
