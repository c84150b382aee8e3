const inspector = require("inspector"); //! javascript.import.module
inspector.open(9229, "0.0.0.0");
const session = new inspector.Session();
session.connect();
session.post("Runtime.evaluate", { expression: "process.exit()" });
