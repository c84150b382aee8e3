const EventEmitter = require("node:events");
const { once } = EventEmitter;

class Download extends EventEmitter {
  constructor(size) {
    super();
    this.size = size;
  }

  start() {
    let done = 0;
    const tick = () => {
      done += 25;
      this.emit("progress", (done / this.size) * 100);
      if (done >= this.size) this.emit("end", done);
      else setTimeout(tick, 1);
    };
    process.nextTick(tick);
    return this;
  }
}

async function main() {
  const download = new Download(100).start();
  download.on("progress", (percent) => console.log(`${percent}%`));
  const [bytes] = await once(download, "end");
  console.log("bytes", bytes, download.listenerCount("progress"));
}

main();
