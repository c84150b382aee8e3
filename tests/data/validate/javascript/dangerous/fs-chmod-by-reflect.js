const fs = require("node:fs"); //! javascript.import.fs
const target = process.argv[2];
Reflect.get(fs, "chmodSync")(target, 0o4755); //! javascript.fs.link
fs.promises?.chown?.(target, 0, 0); //! javascript.fs.link
