let ticks = 0;

async function tick() {
  while (true) { //! javascript.endless-loop
    await new Promise((resolve) => setTimeout(resolve, 1000).unref());
    ticks += 1;
    console.log("tick", ticks);
  }
}

tick();
