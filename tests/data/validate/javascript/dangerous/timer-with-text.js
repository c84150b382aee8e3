setTimeout("process.exit()", 0); //! javascript.timer-string
globalThis.setInterval(`tick()`, 10); //! javascript.timer-string
setTimeout("step(" + process.argv[2] + ")", 10); //! javascript.timer-string
setTimeout(() => console.log("a function is fine"), 10);
