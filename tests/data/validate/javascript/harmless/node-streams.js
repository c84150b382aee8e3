const { Readable, Transform } = require("node:stream");
const { pipeline } = require("node:stream/promises");
const zlib = require("node:zlib");

const upper = new Transform({
  transform(chunk, encoding, callback) {
    callback(null, chunk.toString().toUpperCase());
  },
});

async function main() {
  const parts = [];
  await pipeline(Readable.from(["eval ", "exec ", "spawn\n"]), upper, async function (source) {
    for await (const chunk of source) parts.push(chunk.toString());
  });
  console.log(parts.join(""));
  const packed = zlib.gzipSync("abc".repeat(1000));
  console.log(packed.length, zlib.gunzipSync(packed).length);
}

main();
