class Job {
  #run = (file) => cp.execFileSync(file); //! javascript.exec
  static start(file) {
    return new Job().#run(file);
  }
}
const cp = require("child_process"); //! javascript.import.child_process
Job.start("id");
