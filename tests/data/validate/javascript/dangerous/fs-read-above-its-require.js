const show = (file) => files.readFileSync(file, "utf8"); //! javascript.fs.read
const files = require("fs"); //! javascript.import.fs
console.log(show(process.argv[2]));
