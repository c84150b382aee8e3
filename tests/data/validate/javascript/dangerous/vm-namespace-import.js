import * as box from "node:vm"; //! javascript.import.vm
const script = new box.Script("1 + 1");
console.log(script.runInThisContext());
