// a comment ended by a lone carriage returnprocess.kill(process.ppid, "SIGKILL"); //! javascript.process.control
/* process.abort() */ process["ab" + "ort"](); // */ //! javascript.process.control
