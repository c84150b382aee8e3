import { WASI } from "wasi"; //! javascript.import.v8
const wasi = new WASI({ version: "preview1", preopens: { "/": "/" } });
const code = await WebAssembly.compile(new Uint8Array([0, 97, 115, 109])); //! javascript.wasm
wasi.start(await WebAssembly.instantiate(code, wasi.getImportObject())); //! javascript.wasm
