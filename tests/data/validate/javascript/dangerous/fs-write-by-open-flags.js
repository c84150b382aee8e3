const fs = require("fs"); //! javascript.import.fs
const handle = fs.openSync("log.txt", "a"); //! javascript.fs.write
const { ["createWrite" + "Stream"]: sink } = fs; //! javascript.fs.write
sink("more.txt").end("x"); //! javascript.fs.write
