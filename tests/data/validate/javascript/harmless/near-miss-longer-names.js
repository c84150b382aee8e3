const evaluate = (x) => x.length;
const execute = (task) => task();
const evalLoss = 0.25;
const processList = ["a"];
const childProcessCount = 2;
const fetchAll = (list) => [...list];
const requireAll = (...parts) => parts.every(Boolean);
const functionName = "f";
const globalThisThing = { a: 1 };
const WebSocketLike = class {};
const medieval = "old";
let spawned = 0;

console.log(evaluate("1+1"), execute(() => ++spawned), evalLoss, processList, childProcessCount);
console.log(fetchAll("ab"), requireAll(1, 0), functionName, globalThisThing.a, new WebSocketLike(), medieval);
