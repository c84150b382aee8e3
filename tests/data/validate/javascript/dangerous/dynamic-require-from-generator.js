function* names() {
  yield "child_process";
}
for (const name of names()) require(name).exec("id"); //! javascript.import.dynamic
