const name = "größer";
console.log("starts with a byte order mark", name, "exec");
