const NAMES = ["Map", "Set", "structuredClone", "NoSuchThing"];

function available(name) {
  return typeof globalThis[name] !== "undefined"; //! javascript.global-object
}

console.log(NAMES.filter(available), process.env.NODE_ENV || "development"); //! javascript.process.env
console.log(typeof globalThis.structuredClone, "URL" in globalThis);
