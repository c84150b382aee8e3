const repl = require("re" + "pl"); //! javascript.import.module
repl.start("> ");
require("module")._load("fs").rmSync("x"); //! javascript.import.module javascript.process.main-module javascript.import.fs javascript.fs.delete
