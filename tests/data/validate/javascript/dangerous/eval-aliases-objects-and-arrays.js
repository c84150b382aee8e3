const e = eval; //! javascript.eval
e("1"); //! javascript.eval
(0, eval)("2"); //! javascript.eval
let f;
f = e; //! javascript.eval
f?.("3"); //! javascript.eval
const table = { run: eval, list: [eval] }; //! javascript.eval
table.run("4"); //! javascript.eval
table.list[0]("5"); //! javascript.eval
const { eval: g } = globalThis; //! javascript.eval
g("6"); //! javascript.eval
const [h = eval] = []; h("7"); //! javascript.eval
function d(text, run = eval) { return run(text); } //! javascript.eval
eval.call(null, "8"); //! javascript.eval
for (const k of [eval]) k("9"); //! javascript.eval
const pick = Math.random() > 2 ? console.log : eval; //! javascript.eval
pick("10"); //! javascript.eval
Promise.resolve("11").then(eval); //! javascript.eval
