function report(label, n) {
  console.log(label, n);
}

setTimeout(report, 1, "timeout", 1);
setImmediate(() => report("immediate", 2));
setTimeout(function () {
  report("anonymous eval", 3);
}, 2);

let count = 0;
const id = setInterval(() => {
  count += 1;
  if (count === 3) clearInterval(id);
}, 1);

class Clock {
  tick() {
    return this.constructor.name;
  }
}
const clock = new Clock();
setTimeout(clock.tick.bind(clock), 3);
queueMicrotask(() => report("microtask", 0));
