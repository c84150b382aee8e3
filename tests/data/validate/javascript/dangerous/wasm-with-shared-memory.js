const shared = new SharedArrayBuffer(1024); //! javascript.shared-memory
const clock = new Int32Array(shared);
const { compile } = WebAssembly; //! javascript.wasm
const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }); //! javascript.wasm
Atomics.wait(clock, 0, 0); //! javascript.shared-memory
