const pick = process.argv[2];
with (Math) { //! javascript.with
  console.log(max(1, 2));
}
global[pick](1); //! javascript.global-object
const counter = new Int32Array(new SharedArrayBuffer(4)); //! javascript.shared-memory
for (;;) Atomics.add(counter, 0, 1); //! javascript.endless-loop javascript.shared-memory
