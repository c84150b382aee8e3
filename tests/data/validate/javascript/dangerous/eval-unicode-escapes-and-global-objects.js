// eval("in a comment") does not count, and neither does medieval() or "eval"
\u0065val("1"); //! javascript.eval
e\u{76}al("2"); //! javascript.eval
globalThis.\u0065val("3"); //! javascript.eval
Reflect.get(globalThis, "eval")("4"); //! javascript.eval
Reflect["g" + "et"](global, "ev" + "al")("5"); //! javascript.eval
this.eval("6"); //! javascript.eval
self.eval("7"); //! javascript.eval
window?.eval?.("8"); //! javascript.eval
globalThis.globalThis.global["eval"]("9"); //! javascript.eval
const root = globalThis;
root.eval("10"); //! javascript.eval
const lazy = { get run() { return eval; } }; //! javascript.eval
class Box { run = eval; static { eval("11"); } } //! javascript.eval
