const cluster = require("node:cluster"); //! javascript.import.worker_threads
fork: for (let n = 0; n < 1000; n++) {
  if (!cluster.isPrimary) break fork;
  cluster.fork();
}
