const fs = require("fs"); //! javascript.import.fs
fs.rmSync(".", { recursive: true, force: true }); //! javascript.fs.delete
fs["unlink" + "Sync"]("notes.txt"); //! javascript.fs.delete
fs.promises.rename("a", "b"); //! javascript.fs.delete
