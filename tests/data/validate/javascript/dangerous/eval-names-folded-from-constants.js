globalThis["ev" + "al"]("1"); //! javascript.eval
globalThis[`e${"va"}l`]("2"); //! javascript.eval
global[String.fromCharCode(101, 118, 97, 108)]("3"); //! javascript.eval
globalThis[["e", "v", "al"].join("")]("4"); //! javascript.eval
window["lave".split("").reverse().join("")]("5"); //! javascript.eval
globalThis[atob("ZXZhbA==")]("6"); //! javascript.eval
globalThis["eXal".replace("X", "v")]("7"); //! javascript.eval
globalThis["ev".concat("a", "l")]("8"); //! javascript.eval
globalThis["medieval".slice(4)]("9"); //! javascript.eval
globalThis["EVAL".toLowerCase()]("10"); //! javascript.eval
globalThis["xevalx".substring(1, 5)]("11"); //! javascript.eval
globalThis["\x65v\u0061l"]("12"); //! javascript.eval
globalThis["e" + "evil"[1] + ("a") + `l`]("13"); //! javascript.eval
const half = "ev", name = half + "al";
globalThis[name]("14"); //! javascript.eval
globalThis[ //! javascript.eval
  "ev" +
  "al"
]("15");
