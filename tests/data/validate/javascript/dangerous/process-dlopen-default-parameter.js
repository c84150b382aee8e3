import proc, { dlopen as load } from "node:process"; //! javascript.import.process javascript.process.binding
const open = (path, how = proc.dlopen) => how({ exports: {} }, path); //! javascript.process.binding
open("./libextra.so");
load({ exports: {} }, "./libmore.so"); //! javascript.process.binding
