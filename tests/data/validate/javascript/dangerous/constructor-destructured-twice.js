const { constructor: { constructor: Make } } = []; Make("return process")(); //! javascript.constructor-escape
const O = {}.constructor;
O.constructor("return 1")(); //! javascript.constructor-escape
