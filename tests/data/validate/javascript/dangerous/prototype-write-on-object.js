Object.prototype.isAdmin = true; //! javascript.prototype-write
Array.prototype["ma" + "p"] = function () { return []; }; //! javascript.prototype-write
String["proto" + "type"].trim ??= () => ""; //! javascript.prototype-write
