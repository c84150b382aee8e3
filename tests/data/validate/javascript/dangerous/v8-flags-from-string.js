const v8 = require("v8"); //! javascript.import.v8
v8.setFlagsFromString("--allow-natives-syntax");
v8.writeHeapSnapshot("heap.out");
