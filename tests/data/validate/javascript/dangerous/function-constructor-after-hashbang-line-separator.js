#!/usr/bin/env node --eval new Function("return 1")(); //! javascript.function-constructor
console.log("the first line has live code after U+2028");
