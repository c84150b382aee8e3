const name = process.argv[2];
globalThis[name]("anything"); //! javascript.global-object
while (true) { //! javascript.endless-loop
  new WebAssembly.Memory({ initial: 100 }); //! javascript.wasm
}
