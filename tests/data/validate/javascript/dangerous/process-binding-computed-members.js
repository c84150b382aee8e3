process["_linked" + "Binding"]("http_parser"); //! javascript.process.binding
globalThis.process?.binding?.("natives"); //! javascript.process.binding
global["pro" + "cess"]["bin" + "ding"]("fs"); //! javascript.process.binding
Reflect.get(process, "binding")("fs"); //! javascript.process.binding
(0, process.binding)("fs"); //! javascript.process.binding
proc\u0065ss.b\u0069nding("fs"); //! javascript.process.binding
process //! javascript.process.binding
  .binding
  ("fs");
const page = `first line
${process.binding("fs")}
last line`;
//! @11 javascript.process.binding
