const name = "Zoë";
const price = 3.5;
const html = (strings, ...values) =>
  strings.reduce((out, s, i) => out + s + (i < values.length ? escapeHtml(String(values[i])) : ""), "");

function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

console.log(`${name} pays ${price.toFixed(2)} €`);
console.log(html`<p title="${name}">${"<script>eval('x')</script>"}</p>`);
console.log(`multi
line: require("child_process").execSync("ls")`, String.raw`C:\new\exec`);
console.log(`nested ${[1, 2].map((n) => `<${n}>`).join("")}`);
