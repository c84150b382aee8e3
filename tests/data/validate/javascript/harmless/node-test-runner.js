const test = require("node:test");
const assert = require("node:assert");

function slugify(text) {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

test("slugify", async (t) => {
  await t.test("accents", () => assert.equal(slugify("Crème Brûlée"), "creme-brulee"));
  await t.test("symbols", () => assert.equal(slugify("  eval(1) & exec! "), "eval-1-exec"));
});

test("empty", () => {
  assert.equal(slugify(""), "");
});
