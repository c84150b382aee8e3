const readline = require("readline/promises");

async function main() {
  const rl = readline.createInterface({ input: process.stdin, output: process.stdout });
  const name = await rl.question("What is your name? ");
  console.log(`Hello ${name.trim() || "nobody"}`);
  rl.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
