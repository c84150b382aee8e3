const { defineProperty } = Object;
Object.defineProperty(Array.prototype, "length2", { get() { return 0; } }); //! javascript.prototype-write
defineProperty(RegExp.prototype, "test", { value: () => true }); //! javascript.prototype-write
