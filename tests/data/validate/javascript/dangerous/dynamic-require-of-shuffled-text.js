const parts = process.argv.slice(2);
const load = require;
load("child_" + parts[0]).execSync("id"); //! javascript.import.dynamic
module.require(parts.join("_")); //! javascript.import.dynamic
