"use strict";
const os = require("os"); //! javascript.import.os

const text = `two
lines: eval`;
console.log(text.split(/\r?\n/).length, os.EOL.length);
