const path = require("node:path");
const { URL, URLSearchParams, fileURLToPath } = require("node:url");

console.log(path.join("/srv", "data", "..", "x.txt"), path.extname("a.tar.gz"), path.basename(__filename) !== "");
console.log(path.parse("/home/ann/os.system.js"), path.relative("/a/b", "/a/c"), path.sep);

const url = new URL("https://ann@example.org:8443/eval?q=exec&x=1#top");
url.searchParams.append("process", "env");
console.log(url.host, url.pathname, url.search, [...new URLSearchParams("a=1&a=2").getAll("a")]);
console.log(fileURLToPath("file:///tmp/x.txt"), path.posix.normalize("/a//b/./c"));
