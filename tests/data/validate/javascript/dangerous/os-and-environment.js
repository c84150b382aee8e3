const os = require("o" + "s"); //! javascript.import.os
console.log(os.userInfo(), process["en" + "v"].PATH); //! javascript.process.env
