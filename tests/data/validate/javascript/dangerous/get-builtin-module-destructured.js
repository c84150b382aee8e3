const { getBuiltinModule: g } = process; //! javascript.process.builtin-module
const os = g("node:" + "os"); //! javascript.process.builtin-module javascript.import.os
console.log(os.networkInterfaces());
