function exec(command) {
  return `would run ${command}`;
}

function spawn(kind, x = 0, y = 0) {
  return { kind, x, y };
}

const fork = (list) => [list.slice(0, 1), list.slice(1)];
const system = (name) => name.toUpperCase();
const vm = { run: (code) => code.length };
const net = 99.5;
const cluster = [[1, 2], [3]];
const http = { status: 200 };
const request = { url: "/eval", method: "GET" };

console.log(exec("ls"), spawn("orc", 1, 2), fork([1, 2, 3]), system("os"));
console.log(vm.run("eval(1)"), net * 1.19, cluster.flat(), http.status, request.url);
