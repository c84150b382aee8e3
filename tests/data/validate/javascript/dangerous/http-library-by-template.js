let client = null;
client = require(`ax${"ios"}`); //! javascript.import.http
client.get("http://a.example/").then((answer) => console.log(answer.data));
const Socket = require(["w", "s"].join("")); //! javascript.import.http
new Socket("ws://a.example/");
