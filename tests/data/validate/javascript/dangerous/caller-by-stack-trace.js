Error.prepareStackTrace = (error, frames) => frames; //! javascript.caller
const frames = new Error("x").stack;
console.log(frames[0].getThis());
