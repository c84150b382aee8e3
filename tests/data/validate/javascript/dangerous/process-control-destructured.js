const { kill, reallyExit: quit } = process; //! javascript.process.control
kill(1, 9); //! javascript.process.control
quit(1); //! javascript.process.control
[process.setuid, process.setgid].forEach((set) => set(0)); //! javascript.process.control
process.chdir("/"); //! javascript.process.control
process.umask(0); //! javascript.process.control
