; Risk rules of JavaScript as Node.js runs it. docs/RULES.md explains the form. Rules of your own: javascript-NAME.scm.

; ---- modules
((_) @module (#import? @module "child_process")
  (#rule! "javascript.import.child_process" 60 critical
    "imports child_process, which runs other programs"
    "compute it in JavaScript"))
((_) @module (#import? @module "fs" "fs/promises")
  (#rule! "javascript.import.fs" 15 medium
    "imports fs"
    "pass data in with the request"))
((_) @module (#import? @module "net" "tls" "dgram" "dns" "dns/promises")
  (#rule! "javascript.import.net" 40 critical
    "imports a module for networks: there is no network"
    "pass data in with the request"))
((_) @module (#import? @module "http" "https" "http2" "undici" "axios" "node-fetch" "ws" "got" "request" "socket.io"
    "express" "ssh2")
  (#rule! "javascript.import.http" 40 critical
    "imports a module for networks: there is no network"
    "pass data in with the request"))
((_) @module (#import? @module "vm")
  (#rule! "javascript.import.vm" 40 critical
    "imports vm, which runs text as code"
    "write the code itself"))
((_) @module (#import? @module "worker_threads" "cluster")
  (#rule! "javascript.import.worker_threads" 30 high
    "imports threads or processes"
    "compute it in this thread"))
((_) @module (#import? @module "os")
  (#rule! "javascript.import.os" 15 medium
    "imports os: facts of the host"
    "leave it out"))
((_) @module (#import? @module "module" "repl" "inspector" "inspector/promises")
  (#rule! "javascript.import.module" 40 critical
    "imports the machinery of modules or debuggers"
    "write import statements"))
((_) @module (#import? @module "v8" "wasi")
  (#rule! "javascript.import.v8" 30 high
    "imports v8 or wasi"
    "leave it out"))
((_) @module (#import? @module "process")
  (#rule! "javascript.import.process" 15 medium
    "imports process"
    "leave it out"))
((_) @module (#import? @module "ffi-napi" "ref-napi" "bindings" "node-gyp-build" "**.node")
  (#rule! "javascript.import.native" 40 critical
    "imports native code"
    "compute it in JavaScript"))
((_) @call (#call? @call "require" "import" "module.require" "process.mainModule.require" "module.createRequire()" "require.main.require")
  (#arg-unknown? @call 0)
  (#rule! "javascript.import.dynamic" 30 high
    "imports by a name that is made up as it runs"
    "write the name itself"))

; ---- text that is run
((_) @use (#use? @use "eval")
  (#rule! "javascript.eval" 40 critical
    "eval runs text as code"
    "use JSON.parse, or a function"))
((_) @use (#use? @use "Function" "GeneratorFunction" "AsyncFunction" "AsyncGeneratorFunction"
    "Object.getPrototypeOf().constructor")
  (#rule! "javascript.function-constructor" 40 critical
    "Function makes code from text"
    "write the function itself"))
((_) @use (#use? @use "?.constructor.constructor" "**.constructor.constructor")
  (#rule! "javascript.constructor-escape" 40 critical
    "reaches Function by way of constructors"
    "leave it out"))
((_) @use (#call? @use "?.constructor" "**.constructor")
  (#not-call? @use "Object.getPrototypeOf().constructor" "module.constructor")
  (#rule! "javascript.constructor-escape"))
((_) @call (#call? @call "setTimeout" "setInterval" "setImmediate")
  (#arg-text? @call 0)
  (#rule! "javascript.timer-string" 30 high
    "a timer runs text as code"
    "hand on a function"))
((_) @call (#call? @call "eval" "Function" "?.constructor.constructor")
  (#arg-calls? @call 0 "atob" "Buffer.from" "decodeURIComponent" "decodeURI" "unescape" "String.fromCharCode" "String.fromCodePoint")
  (#rule! "javascript.decoded-code" 60 critical
    "runs code that was hidden in encoded data"
    "write the code itself"))
((_) @call (#call? @call "eval" "Function" "?.constructor.constructor")
  (#arg-from? @call 0 "atob()**" "Buffer.from()**" "decodeURIComponent()**" "decodeURI()**" "unescape()**")
  (#rule! "javascript.decoded-code"))

; ---- process
((_) @use (#use? @use "process.binding" "process._linkedBinding" "process.dlopen")
  (#rule! "javascript.process.binding" 60 critical
    "reaches the internals of Node.js"
    "leave it out"))
((_) @use (#use? @use "process.mainModule" "module.constructor" "require.main.*" "module.parent" "module.children"
    "require.cache" "require.extensions" "module._load" "Module._load")
  (#rule! "javascript.process.main-module" 40 critical
    "reaches the machinery of modules"
    "write import statements"))
((_) @use (#use? @use "process.kill" "process.abort" "process.setuid" "process.setgid" "process.seteuid"
    "process.setegid" "process.setgroups" "process.initgroups" "process.chdir" "process.umask"
    "process.reallyExit" "process.setUncaughtExceptionCaptureCallback")
  (#rule! "javascript.process.control" 30 high
    "controls the process or others"
    "leave it out"))
((_) @use (#use? @use "process.env")
  (#rule! "javascript.process.env" 15 medium
    "reads the environment"
    "pass values in with the request"))
((_) @use (#use? @use "process.getBuiltinModule")
  (#rule! "javascript.process.builtin-module" 40 critical
    "reaches any module"
    "write import statements"))
((_) @use (#use? @use "child_process.exec" "child_process.execSync" "child_process.execFile"
    "child_process.execFileSync" "child_process.spawn" "child_process.spawnSync"
    "child_process.fork")
  (#rule! "javascript.exec" 60 critical
    "runs another program"
    "compute it in JavaScript"))
((_) @use (#use? @use "fetch" "WebSocket" "XMLHttpRequest" "EventSource" "navigator.sendBeacon")
  (#rule! "javascript.network-use" 40 critical
    "uses the network: there is none"
    "pass data in with the request"))

; ---- files
((_) @use (#use? @use "fs.writeFile" "fs.promises.writeFile" "fs.writeFileSync" "fs.appendFile"
    "fs.promises.appendFile" "fs.appendFileSync" "fs.mkdir" "fs.promises.mkdir" "fs.mkdirSync"
    "fs.mkdtemp" "fs.promises.mkdtemp" "fs.mkdtempSync" "fs.cp" "fs.promises.cp" "fs.cpSync"
    "fs.copyFile" "fs.promises.copyFile" "fs.copyFileSync" "fs.write" "fs.promises.write"
    "fs.writeSync" "fs.utimes" "fs.promises.utimes" "fs.utimesSync" "fs.createWriteStream"
    "fs.WriteStream")
  (#rule! "javascript.fs.write" 20 medium
    "writes files"
    "write to the working directory, or print"))
((_) @call (#call? @call "fs.open" "fs.openSync" "fs.promises.open")
  (#arg-may-be? @call 1 "*w*" "*a*" "*+*")
  (#rule! "javascript.fs.write"))
((_) @use (#use? @use "fs.unlink" "fs.promises.unlink" "fs.unlinkSync" "fs.rm" "fs.promises.rm" "fs.rmSync"
    "fs.rmdir" "fs.promises.rmdir" "fs.rmdirSync" "fs.rename" "fs.promises.rename"
    "fs.renameSync" "fs.truncate" "fs.promises.truncate" "fs.truncateSync" "fs.ftruncate"
    "fs.promises.ftruncate" "fs.ftruncateSync")
  (#rule! "javascript.fs.delete" 30 high
    "deletes or renames files"
    "write new files"))
((_) @use (#use? @use "fs.symlink" "fs.promises.symlink" "fs.symlinkSync" "fs.link" "fs.promises.link"
    "fs.linkSync" "fs.chmod" "fs.promises.chmod" "fs.chmodSync" "fs.chown" "fs.promises.chown"
    "fs.chownSync" "fs.lchown" "fs.promises.lchown" "fs.lchownSync" "fs.lchmod"
    "fs.promises.lchmod" "fs.lchmodSync" "fs.fchmod" "fs.promises.fchmod" "fs.fchmodSync"
    "fs.fchown" "fs.promises.fchown" "fs.fchownSync")
  (#rule! "javascript.fs.link" 30 high
    "links files or changes their rights"
    "leave it out"))
((_) @use (#use? @use "fs.readFile" "fs.promises.readFile" "fs.readFileSync" "fs.readdir" "fs.promises.readdir"
    "fs.readdirSync" "fs.opendir" "fs.promises.opendir" "fs.opendirSync" "fs.readlink"
    "fs.promises.readlink" "fs.readlinkSync" "fs.stat" "fs.promises.stat" "fs.statSync"
    "fs.lstat" "fs.promises.lstat" "fs.lstatSync" "fs.access" "fs.promises.access"
    "fs.accessSync" "fs.realpath" "fs.promises.realpath" "fs.realpathSync" "fs.watch"
    "fs.promises.watch" "fs.watchSync" "fs.createReadStream" "fs.ReadStream" "fs.watchFile")
  (#rule! "javascript.fs.read" 15 medium
    "reads files"
    "pass data in with the request"))
((_) @call (#call? @call "fs.writeFile" "fs.promises.writeFile" "fs.writeFileSync" "fs.appendFile"
    "fs.promises.appendFile" "fs.appendFileSync" "fs.mkdir" "fs.promises.mkdir" "fs.mkdirSync"
    "fs.mkdtemp" "fs.promises.mkdtemp" "fs.mkdtempSync" "fs.cp" "fs.promises.cp" "fs.cpSync"
    "fs.copyFile" "fs.promises.copyFile" "fs.copyFileSync" "fs.write" "fs.promises.write"
    "fs.writeSync" "fs.utimes" "fs.promises.utimes" "fs.utimesSync" "fs.createWriteStream"
    "fs.WriteStream")
  (#arg-outside? @call 0 "/tmp" "/work" "/dev/shm" "/dev/null" "/dev/stdout" "/dev/stderr" "/dev/fd")
  (#rule! "javascript.write-outside" 40 high
    "writes a file outside of the working directory and /tmp"
    "write into the working directory"))
((_) @call (#call? @call "fs.copyFile" "fs.copyFileSync" "fs.promises.copyFile" "fs.cp" "fs.cpSync" "fs.promises.cp")
  (#arg-outside? @call 1 "/tmp" "/work" "/dev/shm" "/dev/null" "/dev/stdout" "/dev/stderr" "/dev/fd")
  (#rule! "javascript.write-outside"))
((_) @call (#call? @call "fs.open" "fs.openSync" "fs.promises.open")
  (#arg-may-be? @call 1 "*w*" "*a*" "*+*")
  (#arg-outside? @call 0 "/tmp" "/work" "/dev/shm" "/dev/null" "/dev/stdout" "/dev/stderr" "/dev/fd")
  (#rule! "javascript.write-outside"))
((_) @call (#call? @call "fs.readFile" "fs.promises.readFile" "fs.readFileSync" "fs.readdir" "fs.promises.readdir"
    "fs.readdirSync" "fs.opendir" "fs.promises.opendir" "fs.opendirSync" "fs.readlink"
    "fs.promises.readlink" "fs.readlinkSync" "fs.stat" "fs.promises.stat" "fs.statSync"
    "fs.lstat" "fs.promises.lstat" "fs.lstatSync" "fs.access" "fs.promises.access"
    "fs.accessSync" "fs.realpath" "fs.promises.realpath" "fs.realpathSync" "fs.watch"
    "fs.promises.watch" "fs.watchSync" "fs.createReadStream" "fs.ReadStream" "fs.watchFile" "fs.open" "fs.openSync" "fs.promises.open")
  (#arg-path? @call 0 "/proc" "/proc/*" "/sys" "/sys/*" "/etc/shadow*" "/etc/gshadow*" "/etc/sudoers*" "/root" "/root/*" "*/.ssh*" "*/.aws*"
    "*/.kube*" "*/.netrc" "*/.git-credentials" "*docker.sock" "/dev/mem" "/dev/kmem" "/var/run/secrets*" "/run/secrets*")
  (#rule! "javascript.read-sensitive" 30 high
    "reads what tells about the host, or secrets"
    "pass data in with the request"))

; ---- objects behind objects
((_) @use (#member? @use "__proto__" "__defineGetter__" "__defineSetter__" "__lookupGetter__" "__lookupSetter__")
  (#rule! "javascript.proto" 30 high
    "reaches or changes a prototype"
    "use classes"))
((_) @use (#use? @use "Object.setPrototypeOf" "Reflect.setPrototypeOf")
  (#rule! "javascript.proto"))
((assignment_expression left: (member_expression object: (_) @prototype)) @finding
  (#use? @prototype "Object.prototype" "Array.prototype" "Function.prototype" "String.prototype" "Number.prototype" "Boolean.prototype" "Promise.prototype"
    "RegExp.prototype" "Map.prototype" "Set.prototype" "Error.prototype" "Date.prototype" "Symbol.prototype")
  (#rule! "javascript.prototype-write" 30 high
    "changes what every object has"
    "write a function, or a class of your own"))
((assignment_expression left: (subscript_expression object: (_) @prototype)) @finding
  (#use? @prototype "Object.prototype" "Array.prototype" "Function.prototype" "String.prototype" "Number.prototype" "Boolean.prototype" "Promise.prototype"
    "RegExp.prototype" "Map.prototype" "Set.prototype" "Error.prototype" "Date.prototype" "Symbol.prototype")
  (#rule! "javascript.prototype-write"))
((augmented_assignment_expression left: (member_expression object: (_) @prototype)) @finding
  (#use? @prototype "Object.prototype" "Array.prototype" "Function.prototype" "String.prototype" "Number.prototype" "Boolean.prototype" "Promise.prototype"
    "RegExp.prototype" "Map.prototype" "Set.prototype" "Error.prototype" "Date.prototype" "Symbol.prototype")
  (#rule! "javascript.prototype-write"))
((_) @call (#call? @call "Object.defineProperty" "Object.defineProperties" "Object.assign" "Reflect.set" "Reflect.defineProperty")
  (#arg-from? @call 0 "Object.prototype" "Array.prototype" "Function.prototype" "String.prototype" "Number.prototype" "Boolean.prototype" "Promise.prototype"
    "RegExp.prototype" "Map.prototype" "Set.prototype" "Error.prototype" "Date.prototype" "Symbol.prototype")
  (#rule! "javascript.prototype-write"))
((subscript_expression object: (_) @object index: (_) @index) @finding
  (#use? @object "globalThis" "global" "window" "self" "this")
  (#unknown? @index)
  (#rule! "javascript.global-object" 10 low
    "reaches a global by a name that is made up as it runs"
    "write the name itself"))
((member_expression object: (identifier) @arguments property: (_) @name) @finding
  (#eq? @arguments "arguments") (#any-of? @name "callee" "caller")
  (#rule! "javascript.caller" 30 high
    "reaches the function that called it"
    "pass what is needed as an argument"))
((member_expression object: (_) @function property: (_) @name) @finding
  (#local? @function) (#eq? @name "caller")
  (#rule! "javascript.caller"))
((assignment_expression left: (member_expression) @stack) @finding
  (#use? @stack "Error.prepareStackTrace")
  (#rule! "javascript.caller"))
((_) @use (#use? @use "WebAssembly.*")
  (#rule! "javascript.wasm" 20 medium
    "runs WebAssembly"
    "compute it in JavaScript"))
((_) @use (#use? @use "SharedArrayBuffer" "Atomics" "Atomics.*")
  (#rule! "javascript.shared-memory" 10 low
    "uses memory that threads share"
    "use an ArrayBuffer"))

; ---- hints, and what cannot be read
((html_comment) @finding
  (#rule! "javascript.html-comment" 100 critical
    "a comment of the web's earliest years: engines and readers do not agree on what is code"
    "take it out"))
((binary_expression operator: "<" right: (unary_expression operator: "!" argument: (update_expression operator: "--"))) @finding
  (#rule! "javascript.html-comment"))
((with_statement) @finding
  (#rule! "javascript.with" 10 low
    "with hides whose names are meant"
    "write the object"))
((while_statement condition: (_) @condition body: (_) @body) @finding
  (#any-of? @condition "(true)" "(1)")
  (#lacks? @body "break_statement" "return_statement" "throw_statement" "yield_expression" "exit")
  (#rule! "javascript.endless-loop" 5 info
    "a loop without an end"
    "end it; the run is ended at its time limit"))
((for_statement condition: (empty_statement) body: (_) @body) @finding
  (#lacks? @body "break_statement" "return_statement" "throw_statement" "yield_expression" "exit")
  (#rule! "javascript.endless-loop"))
; The following are about a file as a whole.
((_) @file (#file? @file "binary-file")
  (#rule! "javascript.binary-file" 100 critical
    "a file that the interpreter would run and nobody can read"
    "send source code"))
((_) @file (#file? @file "syntax-error")
  (#rule! "javascript.syntax-error" 0 info
    "a part that does not parse"
    "the interpreter's message tells more"))
((_) @file (#file? @file "unparsed-danger")
  (#rule! "javascript.unparsed-danger" 40 high
    "a dangerous word in a part that does not parse"
    "correct the syntax"))
