const { createHash, createHmac, randomBytes, randomUUID, scryptSync, timingSafeEqual } = require("node:crypto");

const sha = createHash("sha256").update("hello").update(" world").digest("hex");
console.log(sha.length, sha.slice(0, 8));
console.log(createHmac("sha1", "key").update("message").digest("base64"));

const salt = randomBytes(16);
const key = scryptSync("password", salt, 32, { N: 1024 });
console.log(timingSafeEqual(key, scryptSync("password", salt, 32, { N: 1024 })), randomUUID().length);
