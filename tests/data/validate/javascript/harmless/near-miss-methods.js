class Runner {
  constructor() {
    this.log = [];
  }

  exec(command) {
    this.log.push(command);
    return this;
  }

  eval(text) {
    return text.length;
  }

  spawn(kind) {
    return { kind, process: this };
  }

  fetch(id) {
    return Promise.resolve({ id });
  }

  fork() {
    return Object.assign(new Runner(), { log: [...this.log] });
  }

  require(name) {
    return `<${name}>`;
  }
}

const runner = new Runner();
runner.exec("build").exec("test");
console.log(runner.eval("1 + 1"), runner.spawn("orc").kind, runner.fork().log, runner.require("fs"));
runner.fetch(7).then(({ id }) => console.log(id));
console.log(runner.spawn("elf").process === runner, runner["ex" + "ec"]("x") === runner);
