import { symlink as ln, linkSync } from "node:fs"; //! javascript.import.fs javascript.fs.link
const [, , from, to] = process.argv;
ln(from, to, () => linkSync(to, "copy")); //! javascript.fs.link
