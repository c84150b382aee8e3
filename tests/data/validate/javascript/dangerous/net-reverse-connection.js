const net = require("net"); //! javascript.import.net
const socket = net.connect(4444, "203.0.113.7", () => {
  socket.write("hello");
  socket.on("data", (data) => console.log(data.toString()));
});
