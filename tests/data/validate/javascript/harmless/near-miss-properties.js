const job = {
  process: { env: { HOME: "/tmp" }, binding: "tight", exit: () => "left", kill: (n) => -n },
  constructor: "not a function",
  fetch: 3,
  vm: ["a"],
  net: 10.5,
  fs: { readFile: "a name", unlink: null },
  os: "linux",
  global: { eval: 1 },
  require: ["path"],
};
console.log(job.process.env.HOME, job.process.binding, job.process.exit(), job.process.kill(9));
console.log(job.fetch, job.vm[0], job.net, job.fs.readFile, job.fs.unlink, job.os, job.global.eval, job.require);
const { fs, net, os } = job;
console.log(fs.readFile, net.toFixed(2), os.length, Object.keys(job).includes("constructor"));
