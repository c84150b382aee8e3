const fs = require("fs"); //! javascript.import.fs
console.log(fs.readFileSync("/proc/self/environ", "latin1")); //! javascript.fs.read javascript.read-sensitive
fs.createReadStream("/etc/" + "shadow").pipe(process.stdout); //! javascript.fs.read javascript.read-sensitive
