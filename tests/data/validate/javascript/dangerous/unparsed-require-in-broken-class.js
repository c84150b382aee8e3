const fine = [1, 2, 3];
class A { run(( { require("child_process").exec("id") //! javascript.syntax-error javascript.unparsed-danger
