var fine = 1;
var x = = = eval("1"); //! javascript.syntax-error javascript.unparsed-danger
