const P = Promise.prototype;
const old = P.then;
P.then = function (...args) { console.log(args); return old.apply(this, args); }; //! javascript.prototype-write
