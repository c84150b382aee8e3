const shared = new SharedArrayBuffer(16); //! javascript.shared-memory
const cells = new Int32Array(shared);

for (let i = 1; i <= 10; i++) {
  Atomics.add(cells, i % 4, i); //! javascript.shared-memory
}
console.log(cells.reduce((a, b) => a + b, 0), cells.length);
