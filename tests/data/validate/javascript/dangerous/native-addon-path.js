const addon = require("./build/Release/" + "addon.node"); //! javascript.import.native
addon.run();
