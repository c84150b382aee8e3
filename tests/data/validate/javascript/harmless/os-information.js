const os = require("node:os"); //! javascript.import.os

console.log("CPUs", os.cpus().length, "memory", Math.round(os.totalmem() / 2 ** 20) > 0);
console.log(["a", "b"].join(os.EOL), os.platform() !== "", os.tmpdir().length > 0);
