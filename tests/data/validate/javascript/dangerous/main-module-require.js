const read = process.mainModule.require("f" + "s").readdirSync; //! javascript.process.main-module javascript.import.fs javascript.fs.read
console.log(read(".")); //! javascript.fs.read
const { mainModule: { require: get } } = process; //! javascript.process.main-module
const os = get("os"); //! javascript.import.os
console.log(os.hostname());
