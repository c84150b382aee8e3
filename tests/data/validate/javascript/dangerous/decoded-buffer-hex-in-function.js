const text = Buffer.from("72657475726e2031", "hex").toString("utf8");
const make = Function; //! javascript.function-constructor
const run = new make(text); //! javascript.function-constructor javascript.decoded-code
console.log(run());
