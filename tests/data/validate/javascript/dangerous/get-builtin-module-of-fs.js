process.getBuiltinModule("fs").rmSync("data", { recursive: true }); //! javascript.process.builtin-module javascript.import.fs javascript.fs.delete
