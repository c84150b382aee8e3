function load(require, fetch, process) {
  const fs = require("fs");
  return [fs, fetch("/api"), process.env, process.exit];
}

const fakeRequire = (name) => `module ${name}`;
const fakeFetch = (url) => `page ${url}`;
console.log(load(fakeRequire, fakeFetch, { env: "none", exit: 0 }));

const twice = (fetch, x) => fetch(fetch(x));
console.log(twice((x) => x * 2, 5));

function apply(exec, spawn) {
  return exec(spawn);
}
console.log(apply((x) => x + 1, 41));

class Client {
  constructor({ fetch, WebSocket = null }) {
    this.get = (url) => fetch(url);
    this.socket = WebSocket;
  }
}
console.log(new Client({ fetch: fakeFetch }).get("/x"));
