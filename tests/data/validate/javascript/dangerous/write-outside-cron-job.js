const fs = require("fs"); //! javascript.import.fs
fs.writeFileSync("/etc/cron.d/job", "* * * * * root id\n"); //! javascript.fs.write javascript.write-outside
fs.appendFileSync("/home/" + "user/.bashrc", "id\n"); //! javascript.fs.write javascript.write-outside
