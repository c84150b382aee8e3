(0, eval)(unescape("%31%2b%31")); //! javascript.eval javascript.decoded-code
eval(decodeURIComponent("%31%2B%31")); //! javascript.eval javascript.decoded-code
Function(String.fromCharCode(114, 101, 116, 117, 114, 110, 32, 49))(); //! javascript.function-constructor javascript.decoded-code
globalThis["ev" + "al"](Buffer.from(process.argv[2], "base64").toString()); //! javascript.eval javascript.decoded-code
