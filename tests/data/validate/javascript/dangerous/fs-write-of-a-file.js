const fs = require("fs"); //! javascript.import.fs
const lines = ["a", "b"];
fs.writeFileSync("out.txt", lines.join("\n")); //! javascript.fs.write
fs.mkdirSync("made"); //! javascript.fs.write
