const fs = require("fs"); //! javascript.import.fs
for (const name of fs.readdirSync(".")) console.log(name, fs.statSync(name).size); //! javascript.fs.read
