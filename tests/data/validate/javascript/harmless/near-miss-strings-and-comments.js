// eval("1 + 1"); require("child_process").exec("ls");
/* new Function("return process")(); process.binding("fs");
   globalThis["ev" + "al"]("x"); Object.prototype.polluted = true; */
const WARNINGS = [
  "Do not use eval() or new Function().",
  'require("child_process").execSync("rm -rf /")',
  `process.mainModule.require('fs').readFileSync('/etc/passwd')`,
  "x.constructor.constructor('return this')()",
  "obj.__proto__.admin = true",
];

/**
 * Explains why `fetch("http://example.org")` may fail; see also WebSocket.
 */
function explain(name) {
  return `${name}: fetch, setTimeout("code", 1), WebAssembly and process.env are only words here`;
}

for (const warning of WARNINGS) console.log(warning.length, warning); // not eval(warning)
console.log(explain("eval"));
