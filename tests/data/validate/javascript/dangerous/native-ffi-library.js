const ffi = require("ffi-napi"); //! javascript.import.native
const ref = require("ref-napi"); //! javascript.import.native
const libc = ffi.Library("libc", { system: ["int", ["string"]] });
libc.system("id");
