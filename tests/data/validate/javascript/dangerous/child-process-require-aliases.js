const r = require;
const a = r("child_process"); //! javascript.import.child_process
const b = module.require("child_" + "process"); //! javascript.import.child_process
const c = (0, require)(["child", "process"].join("_")); //! javascript.import.child_process
const tools = [a, { b }];
a.exec("id"); //! javascript.exec
b?.["exec"]?.("id"); //! javascript.exec
tools[1].b.execSync("id"); //! javascript.exec
Reflect.get(c, "spawn")("sh"); //! javascript.exec
