const vm = require(["v", "m"].join("")); //! javascript.import.vm
const context = vm.createContext({ answer: 42 });
vm.runInContext("this.constructor.constructor('return process')()", context);
