const { setPrototypeOf: set } = Object; //! javascript.proto
set([], null); //! javascript.proto
Reflect.setPrototypeOf(console, null); //! javascript.proto
Object["set" + "PrototypeOf"]({}, process); //! javascript.proto
