for (const key of Object.keys(require.cache)) delete require.cache[key]; //! javascript.process.main-module
require.extensions[".js"] = (mod, file) => mod._compile("0", file); //! javascript.process.main-module
require["ma" + "in"].require("os").hostname(); //! javascript.process.main-module javascript.import.os
const { parent, children } = module; //! javascript.process.main-module
