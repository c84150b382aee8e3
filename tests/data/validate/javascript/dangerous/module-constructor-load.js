const os = module.constructor._load("os"); //! javascript.process.main-module javascript.import.os
const M = module["constr" + "uctor"]; //! javascript.process.main-module
const fs = M._load("fs"); //! javascript.process.main-module javascript.import.fs
console.log(os.userInfo(), fs.readlinkSync("here")); //! javascript.fs.read
