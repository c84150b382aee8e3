function spy() {
  console.log(arguments.callee.name); //! javascript.caller
  return spy.caller; //! javascript.caller
}
(function outer() { return spy(); })();
