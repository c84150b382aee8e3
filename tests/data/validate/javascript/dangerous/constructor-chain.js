({}).constructor.constructor("return process")().exit(); //! javascript.constructor-escape
""["constructor"]["constructor"]("return this")(); //! javascript.constructor-escape
(0)["const" + "ructor"][`construct${"or"}`]("return 1")(); //! javascript.constructor-escape
[]?.constructor?.constructor?.("return 2")(); //! javascript.constructor-escape
console.log.constructor.constructor("return 3")(); //! javascript.constructor-escape
