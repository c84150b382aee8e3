console.log("before");
--> a comment to an engine, an error to a parser of modules //! javascript.html-comment
