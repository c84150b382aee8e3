import { createRequire } from "node:module"; //! javascript.import.module
const load = createRequire(import.meta.url);
const fs = load("fs"); //! javascript.import.fs
fs.unlinkSync("notes.txt"); //! javascript.fs.delete
