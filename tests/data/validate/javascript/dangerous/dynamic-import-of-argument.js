const wanted = process.argv[2];
import(wanted).then((m) => m.default()); //! javascript.import.dynamic
import(`node:${wanted}`); //! javascript.import.dynamic
