const F = Function; //! javascript.function-constructor
F("return 1")(); //! javascript.function-constructor
new Function("a", "b", "return a + b")(1, 2); //! javascript.function-constructor
new globalThis["Func" + "tion"]("return 2")(); //! javascript.function-constructor
Reflect.construct(Function, ["return 3"])(); //! javascript.function-constructor
Reflect.apply(Function, null, ["return 4"])(); //! javascript.function-constructor
Function.call(null, "return 5")(); //! javascript.function-constructor
(0, globalThis?.Function)("return 6")(); //! javascript.function-constructor
window.\u0046unction`return 7`(); //! javascript.function-constructor
Function.prototype.constructor("return 8")(); //! javascript.function-constructor
