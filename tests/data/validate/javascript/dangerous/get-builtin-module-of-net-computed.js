const host = process.argv[2];
const connect = process?.["getBuiltin" + "Module"]?.("net"); //! javascript.process.builtin-module javascript.import.net
connect.createConnection(4444, host);
