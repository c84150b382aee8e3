const readline = require("node:readline");
const { stdin: input, stdout: output } = require("node:process"); //! javascript.import.process

const rl = readline.createInterface({ input, output, terminal: false });
let lines = 0;
let words = 0;
rl.on("line", (line) => {
  lines += 1;
  words += line.split(/\s+/).filter(Boolean).length;
});
rl.on("close", () => console.log({ lines, words }));
