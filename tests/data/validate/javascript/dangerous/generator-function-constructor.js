const GeneratorFunction = Object.getPrototypeOf(function* () {}).constructor; //! javascript.function-constructor
const walk = new GeneratorFunction("yield process; yield this;"); //! javascript.function-constructor
for (const found of walk()) console.log(found);
