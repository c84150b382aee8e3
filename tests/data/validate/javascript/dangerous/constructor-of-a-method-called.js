const items = [1, 2, 3];
[].filter.constructor("return process")(); //! javascript.constructor-escape
items.map["constructor"]("return 1")(); //! javascript.constructor-escape
Math.max["rotcurtsnoc".split("").reverse().join("")]("return 2")(); //! javascript.constructor-escape
(() => {}).constructor("return 3")(); //! javascript.constructor-escape
