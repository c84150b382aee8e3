const { setTimeout: sleep } = require("node:timers/promises");
const { AsyncLocalStorage } = require("node:async_hooks");

const context = new AsyncLocalStorage();

async function job(id, signal) {
  await sleep(5, undefined, { signal });
  return `${context.getStore()}-${id}`;
}

async function main() {
  const controller = new AbortController();
  const results = await context.run("run", () => Promise.all([job(1), job(2)]));
  console.log(results);
  const late = job(3, controller.signal).catch((error) => error.name);
  controller.abort();
  console.log(await late, structuredClone({ when: new Date(0) }).when.getTime());
}

main();
