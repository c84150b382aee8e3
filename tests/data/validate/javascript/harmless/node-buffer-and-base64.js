const { Buffer } = require("node:buffer");

const text = "Grüße, eval('1')";
const encoded = Buffer.from(text, "utf8").toString("base64");
console.log(encoded, Buffer.from(encoded, "base64").toString("utf8") === text);
console.log(Buffer.concat([Buffer.from([1, 2]), Buffer.alloc(2)]).toString("hex"), Buffer.byteLength(text));
console.log(atob(btoa("exec")), decodeURIComponent("%C3%BC"), String.fromCharCode(101, 118, 97, 108));

const view = new DataView(new ArrayBuffer(8));
view.setFloat32(0, Math.PI);
view.setInt16(4, -2, true);
console.log(new Uint8Array(view.buffer), view.getFloat32(0).toFixed(4));
