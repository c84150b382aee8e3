const options = JSON.parse(process.argv[2]);
options.__proto__.isAdmin = true; //! javascript.proto
options["__pro" + "to__"].shell = "/bin/sh"; //! javascript.proto
({})[`__${"proto"}__`].toString = null; //! javascript.proto
[]?.__proto__; //! javascript.proto
