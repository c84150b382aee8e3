"use strict";

const DEFAULTS = Object.freeze({ retries: 3, exec: false });

function parse(text, options = {}) {
  const { retries } = { ...DEFAULTS, ...options };
  return text.split(",").map((s) => s.trim()).slice(0, retries);
}

exports.parse = parse;
module.exports = { parse, DEFAULTS, eval: (x) => x };
console.log(parse("a, b, c, d"), module.exports.eval(1));
