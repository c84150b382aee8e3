const { promises: { unlink, truncate: cut } } = require("fs"); //! javascript.import.fs javascript.fs.delete
unlink("notes.txt").then(() => cut("log.txt", 0)); //! javascript.fs.delete
import("fs/promises").then((p) => p.rmdir("old")); //! javascript.import.fs javascript.fs.delete
