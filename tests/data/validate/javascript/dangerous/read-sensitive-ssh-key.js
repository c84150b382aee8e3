import { readFile } from "fs/promises"; //! javascript.import.fs javascript.fs.read
const key = await readFile(["/root", ".ssh", "id_rsa"].join("/"), "utf8"); //! javascript.fs.read javascript.read-sensitive
console.log(key.length);
