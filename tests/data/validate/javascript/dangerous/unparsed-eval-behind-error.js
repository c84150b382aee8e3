var fine = 1;
var x = = = eval("1"); //! javascript.eval javascript.syntax-error
