const o = {};
o.__defineGetter__("x", () => 1); //! javascript.proto
o["__define" + "Setter__"]("y", () => 2); //! javascript.proto
const find = o.__lookupGetter__("x"); //! javascript.proto
const { __proto__: base } = o; //! javascript.proto
