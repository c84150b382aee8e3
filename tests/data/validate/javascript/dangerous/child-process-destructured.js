const { exec: run } = require("node:child_process"); //! javascript.import.child_process javascript.exec
run("id"); //! javascript.exec
let sh;
({ execSync: sh } = require("child_process")); //! javascript.import.child_process javascript.exec
sh("id"); //! javascript.exec
require("child_process").spawn("sh"); //! javascript.import.child_process javascript.exec
const cp = require("child_process"); //! javascript.import.child_process
const { ["spawn" + "Sync"]: again } = cp; //! javascript.exec
cp["exec" + "File"]("id"); //! javascript.exec
require( //! javascript.import.child_process javascript.exec
  "child_process"
).fork("x.js");
