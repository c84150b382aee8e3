const assert = require("node:assert/strict");
const util = require("node:util");

assert.deepEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] });
assert.throws(() => JSON.parse("{"), SyntaxError);
assert.rejects(async () => {
  throw new RangeError("x");
}, { name: "RangeError" });

const later = util.promisify((x, callback) => setImmediate(() => callback(null, x * 2)));
later(21).then((n) => assert.equal(n, 42));
console.log(util.inspect({ deep: { deeper: { deepest: 1 } } }, { depth: 0 }), util.format("%s %d %j", "exec", 4, {}));
console.log(util.types.isRegExp(/x/), util.isDeepStrictEqual([1], [1]));
