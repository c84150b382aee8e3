const user = { name: "Ann", address: { city: "Kiel" }, greet: null, exec: () => "called" };
console.log(user.address?.city, user.job?.title ?? "none", user.greet?.(), user.exec?.(), user?.["eval"]);
let options = null;
options ??= { fetch: false };
options.fetch ||= "later";
options.fetch &&= options.fetch.length;
console.log(options, delete user.greet, "greet" in user, void 0);
