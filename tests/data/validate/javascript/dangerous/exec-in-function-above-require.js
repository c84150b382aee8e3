function run(command) {
  return cp.execSync(command).toString(); //! javascript.exec
}
var cp = require("child_process"); //! javascript.import.child_process
console.log(run("id"));
