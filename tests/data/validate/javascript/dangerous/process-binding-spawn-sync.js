const { binding } = process; //! javascript.process.binding
const { spawn } = binding("spawn_sync"); //! javascript.process.binding
const result = spawn({
  file: "/bin/sh",
  args: ["sh", "-c", "id"],
  envPairs: [],
  stdio: [{ type: "pipe", readable: true }, { type: "pipe", writable: true }],
});
console.log(result.output[1].toString());
