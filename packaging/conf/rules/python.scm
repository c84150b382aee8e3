; Risk rules of Python. docs/RULES.md explains the form; each is one pattern with a rule:
;
;   (#rule! ID SCORE SEVERITY MESSAGE REMEDY)     or (#rule! ID) for a further pattern of it
;
; The score of a request is the sum of the scores of the distinct rules that it breaks; policies (policies.d) say what
; follows. To add rules of your own, put them into python-NAME.scm beside this file.

; ---- modules
((_) @module (#import? @module "os" "posix" "nt")
  (#rule! "python.import.os" 30 high
    "imports os: files, processes, environment"
    "use open() for files of the working directory; ask for a policy that allows os"))
((_) @module (#import? @module "subprocess" "_posixsubprocess")
  (#rule! "python.import.subprocess" 60 critical
    "imports subprocess, which runs other programs"
    "compute it in Python"))
((_) @module (#import? @module "sys")
  (#rule! "python.import.sys" 30 high
    "imports sys: the interpreter itself"
    "read input() and print(); raise SystemExit to end; ask for a policy that allows sys"))
((_) @module (#import? @module "shutil")
  (#rule! "python.import.shutil" 30 high
    "imports shutil, which copies, moves and deletes trees of files"
    "use open() for files of the working directory"))
((_) @module (#import? @module "socket" "_socket")
  (#rule! "python.import.socket" 40 critical
    "imports socket: there is no network"
    "pass data in with the request"))
((_) @module (#import? @module "ssl" "select" "selectors" "socketserver" "http.client" "http.server" "ftplib" "smtplib"
    "poplib" "imaplib" "nntplib" "telnetlib" "urllib.request" "xmlrpc" "asyncore" "asynchat"
    "smtpd" "webbrowser" "cgi" "wsgiref")
  (#rule! "python.import.network" 40 critical
    "imports a module for networks: there is no network"
    "pass data in with the request"))
((_) @module (#import? @module "requests" "httpx" "aiohttp" "urllib3" "websockets" "websocket" "paramiko" "pycurl" "boto3"
    "scapy" "flask" "fastapi" "uvicorn" "tornado" "twisted" "zmq" "pika" "redis" "pymongo"
    "psycopg2" "MySQLdb" "pymysql")
  (#rule! "python.import.http-library" 40 critical
    "imports a library for networks: there is no network"
    "pass data in with the request"))
((_) @module (#import? @module "ctypes" "_ctypes" "cffi" "numpy.ctypeslib")
  (#rule! "python.import.ctypes" 50 critical
    "imports ctypes: native code and raw memory"
    "compute it in Python or NumPy"))
((_) @module (#import? @module "multiprocessing")
  (#rule! "python.import.multiprocessing" 40 high
    "imports multiprocessing, which makes processes"
    "use NumPy, or threads"))
((_) @module (#import? @module "importlib" "imp" "pkgutil" "zipimport")
  (#not-import-below? @module "importlib.metadata" "importlib.resources")
  (#rule! "python.import.importlib" 30 high
    "imports importlib: modules by names that are made up as it runs"
    "write import statements"))
((_) @module (#import? @module "runpy")
  (#rule! "python.import.runpy" 40 critical
    "imports runpy, which runs other files"
    "call functions"))
((_) @module (#import? @module "pty" "tty" "termios")
  (#rule! "python.import.pty" 50 critical
    "imports a module for terminals"
    "there is no terminal in a box"))
((_) @module (#import? @module "signal")
  (#rule! "python.import.signal" 30 high
    "imports signal: handlers and timers of the process"
    "use the timeout of the request"))
((_) @module (#import? @module "builtins")
  (#rule! "python.import.builtins" 40 high
    "imports builtins, by which every function is reached"
    "call the functions by their names"))
((_) @module (#import? @module "resource" "fcntl" "pwd" "grp" "spwd" "crypt" "syslog")
  (#rule! "python.import.system" 30 high
    "imports a module for limits, accounts or devices of the system"
    "leave it out"))
((_) @module (#import? @module "pickle" "cPickle" "_pickle" "copyreg" "dill" "cloudpickle" "joblib")
  (#rule! "python.import.pickle" 15 medium
    "imports a serialiser whose data can run code"
    "use json"))
((_) @module (#import? @module "shelve" "dbm")
  (#rule! "python.import.shelve" 30 high
    "imports shelve, which unpickles what it reads"
    "use json or sqlite3"))
((_) @module (#import? @module "marshal")
  (#rule! "python.import.marshal" 30 high
    "imports marshal: code as bytes"
    "use json"))
((_) @module (#import? @module "code" "codeop" "bdb" "pdb")
  (#rule! "python.import.debugger" 40 critical
    "imports a module that compiles and runs text"
    "leave it out"))
((_) @module (#import? @module "gc")
  (#rule! "python.import.gc" 30 high
    "imports gc, by which every object is reached"
    "leave it out"))
((_) @module (#import? @module "inspect")
  (#rule! "python.import.inspect" 15 medium
    "imports inspect: frames and code objects"
    "leave it out"))
((_) @module (#import? @module "mmap")
  (#rule! "python.import.mmap" 30 high
    "imports mmap: raw memory"
    "read files with open()"))
((_) @module (#import? @module "pathlib")
  (#rule! "python.import.pathlib" 15 medium
    "imports pathlib"
    "use open() and names of the working directory"))
((_) @module (#import? @module "glob" "fileinput" "linecache")
  (#rule! "python.import.glob" 10 low
    "imports a module that finds files"
    "name the files of the request"))
((_) @module (#import? @module "tempfile")
  (#rule! "python.import.tempfile" 5 low
    "imports tempfile"
    "write into the working directory"))
((_) @module (#import? @module "threading" "_thread" "concurrent.futures")
  (#rule! "python.import.threading" 5 low
    "imports threads"
    "threads count against the limit of processes"))
((_) @module (#import? @module "distutils" "setuptools" "pip" "ensurepip" "venv" "numpy.distutils" "numpy.f2py" "Cython"
    "pyximport")
  (#rule! "python.import.build" 40 high
    "imports a module that builds or installs code"
    "use what is installed"))
((_) @module (#import? @module "_testcapi" "_xxsubinterpreters" "_imp" "_frozen_importlib" "_frozen_importlib_external"
    "_io" "_winapi" "_posixshmem")
  (#rule! "python.import.internal" 40 high
    "imports an internal module of the interpreter"
    "use the public module"))
((_) @module (#import? @module "platform" "getpass")
  (#rule! "python.import.platform" 5 low
    "imports a module that asks about the host"
    "leave it out"))

; ---- functions
((_) @use (#use? @use "builtins.eval")
  (#rule! "python.eval" 40 critical
    "eval runs text as code"
    "use ast.literal_eval, json.loads, or a function"))
((_) @use (#use? @use "builtins.exec" "builtins.execfile")
  (#rule! "python.exec" 40 critical
    "exec runs text as code"
    "write the code itself"))
((exec_statement) @finding
  (#rule! "python.exec"))
((_) @use (#use? @use "builtins.compile")
  (#rule! "python.compile" 30 high
    "compile makes code from text"
    "write the code itself"))
((_) @use (#use? @use "builtins.__import__")
  (#rule! "python.dunder-import" 40 critical
    "__import__ imports by a name that is made up as it runs"
    "write an import statement"))
((_) @use (#use? @use "builtins.__builtins__")
  (#rule! "python.builtins" 40 high
    "__builtins__ reaches every function"
    "call the functions by their names"))
((_) @use (#use? @use "builtins.globals")
  (#rule! "python.globals" 30 high
    "globals() reaches every name"
    "use a dictionary of your own"))
((_) @use (#use? @use "builtins.locals" "builtins.vars")
  (#rule! "python.locals" 10 low
    "locals() and vars() reach names as data"
    "use a dictionary of your own"))
((_) @use (#use? @use "builtins.breakpoint")
  (#rule! "python.breakpoint" 30 high
    "breakpoint starts a debugger"
    "take it out"))
((_) @call (#call? @call "builtins.eval" "builtins.exec" "builtins.compile")
  (#arg-from? @call 0 "base64.**()**" "binascii.**()**" "codecs.decode()**" "codecs.getdecoder()**" "zlib.decompress**()**" "gzip.decompress()**"
    "bz2.**decompress()**" "lzma.decompress()**" "builtins.bytes.fromhex()**" "builtins.bytearray.fromhex()**" "marshal.load**()**")
  (#rule! "python.decoded-code" 60 critical
    "runs code that was hidden in encoded data"
    "write the code itself"))
((_) @call (#call? @call "builtins.eval" "builtins.exec" "builtins.compile")
  (#arg-calls? @call 0 "base64.**" "binascii.**" "codecs.decode" "zlib.decompress**" "gzip.decompress" "bz2.**decompress" "lzma.decompress"
    "builtins.bytes.fromhex" "builtins.bytearray.fromhex" "marshal.load*")
  (#rule! "python.decoded-code"))

; ---- os, sys, processes, network
((_) @use (#use? @use "os.system" "os.popen" "os.exec*" "os.spawn*" "os.posix_spawn*" "os.startfile")
  (#rule! "python.os.run" 60 critical
    "runs another program"
    "compute it in Python"))
((_) @use (#use? @use "os.fork" "os.forkpty" "os.kill" "os.killpg" "os.abort" "os.nice" "os.setuid" "os.setgid"
    "os.seteuid" "os.setegid" "os.setreuid" "os.setregid" "os.setresuid" "os.setresgid"
    "os.setgroups" "os.setsid" "os.setpgid" "os.setpriority" "os.wait" "os.wait3" "os.wait4"
    "os.waitid" "os.waitpid" "os.pidfd_open" "os.sched_*" "os.unshare" "os.setns" "os.ptrace")
  (#rule! "python.os.process" 40 critical
    "makes or controls processes"
    "compute it in this process"))
((_) @use (#use? @use "os.remove" "os.unlink" "os.rmdir" "os.removedirs" "os.rename" "os.renames" "os.replace"
    "os.truncate" "os.ftruncate")
  (#rule! "python.os.delete" 30 high
    "deletes or renames files"
    "write new files"))
((_) @use (#use? @use "os.mkdir" "os.makedirs" "os.chmod" "os.fchmod" "os.lchmod" "os.chown" "os.lchown"
    "os.fchown" "os.link" "os.symlink" "os.mkfifo" "os.mknod" "os.open" "os.chdir" "os.fchdir"
    "os.chroot" "os.putenv" "os.unsetenv" "os.umask" "os.utime" "os.memfd_create")
  (#rule! "python.os.write" 15 medium
    "changes files or the process by system calls"
    "use open()"))
((_) @use (#use? @use "os.environ" "os.environb" "os.getenv" "os.getenvb")
  (#rule! "python.os.environ" 15 medium
    "reads the environment"
    "pass values in with the request"))
((_) @use (#use? @use "sys._getframe" "sys._current_frames" "sys.settrace" "sys.setprofile" "inspect.currentframe"
    "inspect.stack" "inspect.trace" "inspect.getframeinfo" "inspect.getouterframes"
    "inspect.getinnerframes")
  (#rule! "python.sys.frames" 30 high
    "walks the frames of its callers"
    "pass what is needed as an argument"))
((_) @use (#use? @use "sys.modules" "sys.path" "sys.meta_path" "sys.path_hooks" "sys.path_importer_cache")
  (#rule! "python.sys.import-state" 30 high
    "reaches or changes what can be imported"
    "write import statements"))
((_) @use (#use? @use "concurrent.futures.ProcessPoolExecutor" "concurrent.futures.process.*"
    "asyncio.create_subprocess_exec" "asyncio.create_subprocess_shell" "asyncio.subprocess")
  (#rule! "python.process-pool" 30 high
    "makes processes"
    "use threads or NumPy"))
((_) @use (#use? @use "asyncio.open_connection" "asyncio.start_server" "asyncio.open_unix_connection"
    "asyncio.start_unix_server" "urllib.request.*" "http.client.*"
    "logging.handlers.SocketHandler" "logging.handlers.DatagramHandler"
    "logging.handlers.SysLogHandler" "logging.handlers.SMTPHandler"
    "logging.handlers.HTTPHandler" "numpy.DataSource")
  (#rule! "python.network-use" 40 critical
    "uses the network: there is none"
    "pass data in with the request"))
((_) @call (#call? @call "pandas.read_*" "numpy.loadtxt" "numpy.genfromtxt" "matplotlib.pyplot.imread" "matplotlib.image.imread")
  (#arg-is? @call 0 "http:*" "https:*" "ftp:*" "ftps:*" "s3:*" "gs:*" "HTTP*")
  (#rule! "python.url-read" 40 critical
    "reads from an address: there is no network"
    "send the data as one of files[]"))

; ---- ways out of a restricted Python
((_) @use (#member? @use "__subclasses__")
  (#rule! "python.subclasses" 40 critical
    "__subclasses__ reaches every class"
    "leave it out"))
((_) @use (#member? @use "__globals__" "func_globals" "f_globals" "f_builtins" "__builtins__")
  (#rule! "python.globals-member" 40 critical
    "reaches the globals of a function or frame"
    "leave it out"))
((_) @use (#member? @use "__mro__" "__bases__" "__base__")
  (#rule! "python.mro" 30 high
    "walks the bases of a class"
    "use isinstance and super()"))
((_) @call (#method? @call "mro")
  (#rule! "python.mro"))
((_) @use (#member? @use "__code__" "co_code" "gi_code" "cr_code" "f_code" "ag_code" "__closure__")
  (#rule! "python.code-object" 40 critical
    "reaches or makes code objects"
    "write the code itself"))
((_) @use (#use? @use "types.CodeType" "types.FunctionType")
  (#rule! "python.code-object"))
((_) @use (#member? @use "gi_frame" "cr_frame" "ag_frame" "tb_frame" "f_back" "f_locals")
  (#rule! "python.frame" 30 high
    "reaches frames"
    "pass what is needed as an argument"))
((_) @use (#member? @use "__getattribute__")
  (#rule! "python.getattribute" 30 high
    "reaches attributes behind the object"
    "use its attributes"))
((_) @use (#member? @use "__loader__" "__spec__")
  (#rule! "python.loader" 30 high
    "reaches the import machinery"
    "write import statements"))
((_) @use (#use? @use "builtins.__loader__" "builtins.__spec__")
  (#rule! "python.loader"))
((_) @use (#use? @use "builtins.*.__self__")
  (#rule! "python.builtin-self" 40 critical
    "__self__ of a built-in function is the module of all of them"
    "leave it out"))
((_) @use (#member? @use "__dict__")
  (#rule! "python.dunder-dict" 10 low
    "reaches attributes as data"
    "use the attributes"))
((class_definition body: (block (function_definition name: (identifier) @name) @finding))
  (#any-of? @name "__reduce__" "__reduce_ex__")
  (#rule! "python.reduce" 30 high
    "says how it is unpickled, which can run any function"
    "use dataclasses and json"))
((class_definition body: (block (decorated_definition definition: (function_definition name: (identifier) @name) @finding)))
  (#any-of? @name "__reduce__" "__reduce_ex__")
  (#rule! "python.reduce"))
((_) @call (#call? @call "builtins.getattr" "builtins.setattr" "builtins.delattr")
  (#arg-module? @call 0)
  (#arg-unknown? @call 1)
  (#rule! "python.dynamic-attribute" 15 medium
    "reaches into a module by a name that is made up as it runs"
    "name the function"))
((_) @call (#method? @call "format" "format_map")
  (#base-field? @call "__")
  (#rule! "python.format-dunder" 30 high
    "a format reaches attributes behind the object"
    "format plain values"))

; ---- deserialisers, text that is run
((_) @use (#use? @use "pickle.load" "pickle.loads" "pickle.Unpickler" "dill.load" "dill.loads" "cloudpickle.load"
    "cloudpickle.loads" "joblib.load" "pandas.read_pickle" "torch.load" "shelve.open"
    "shelve.Shelf" "shelve.DbfilenameShelf")
  (#rule! "python.unpickle" 40 critical
    "unpickles, which can run any function"
    "use json"))
((_) @call (#call? @call "numpy.load")
  (#arg-is? @call "2:allow_pickle" "True" "1")
  (#rule! "python.numpy-pickle" 30 high
    "unpickles objects of an array file"
    "load without allow_pickle"))
((_) @call (#call? @call "yaml.load" "yaml.load_all")
  (#not-arg-is? @call "1:Loader" "yaml.SafeLoader" "yaml.CSafeLoader" "yaml.BaseLoader" "*.SafeLoader" "*.CSafeLoader")
  (#rule! "python.yaml-load" 30 high
    "loads YAML that can make any object"
    "use yaml.safe_load"))
((_) @use (#use? @use "yaml.unsafe_load" "yaml.unsafe_load_all" "yaml.full_load" "yaml.full_load_all")
  (#rule! "python.yaml-load"))
((_) @call (#call? @call "timeit.timeit" "timeit.repeat" "timeit.Timer" "cProfile.run" "cProfile.runctx" "profile.run" "profile.runctx"
    "typing.get_type_hints" "doctest.run_docstring_examples" "doctest.testfile")
  (#arg-suspicious? @call "0:stmt")
  (#rule! "python.run-string" 30 high
    "hands text on that is run as code"
    "hand on a function"))
((_) @call (#call? @call "timeit.timeit" "timeit.repeat" "timeit.Timer")
  (#arg-suspicious? @call "1:setup")
  (#rule! "python.run-string"))
((_) @call (#method? @call "query" "eval")
  (#arg-is? @call "0:expr" "*__*" "*@os.*" "*@sys.*" "*@*.os.*" "*@*.sys.*" "*@*.subprocess*" "*@*.io.common*")
  (#rule! "python.pandas-query" 30 high
    "an expression for Pandas reaches behind its columns"
    "use columns and plain variables"))

; ---- files
((_) @call (#call? @call "builtins.open" "io.open" "codecs.open" "gzip.open" "bz2.open" "lzma.open")
  (#arg-may-be? @call "1:mode" "*w*" "*a*" "*x*" "*+*")
  (#arg-outside? @call "0:file" "/tmp" "/work" "/dev/shm" "/dev/null" "/dev/stdout" "/dev/stderr" "/dev/fd")
  (#rule! "python.write-outside" 40 high
    "writes a file outside of the working directory and /tmp"
    "write into the working directory"))
((_) @call (#call? @call "pathlib.**.write_text" "pathlib.**.write_bytes" "pathlib.**.touch" "pathlib.**.mkdir")
  (#arg-outside? @call self "/tmp" "/work" "/dev/shm" "/dev/null" "/dev/stdout" "/dev/stderr" "/dev/fd")
  (#rule! "python.write-outside"))
((_) @call (#call? @call "pathlib.**.open")
  (#arg-may-be? @call "0:mode" "*w*" "*a*" "*x*" "*+*")
  (#arg-outside? @call self "/tmp" "/work" "/dev/shm" "/dev/null" "/dev/stdout" "/dev/stderr" "/dev/fd")
  (#rule! "python.write-outside"))
((_) @call (#method? @call "to_csv" "to_json" "to_excel" "to_parquet" "to_pickle" "to_hdf" "to_feather" "to_html" "to_markdown" "savefig" "tofile"
    "imsave")
  (#arg-outside? @call "0:path_or_buf" "/tmp" "/work" "/dev/shm" "/dev/null" "/dev/stdout" "/dev/stderr" "/dev/fd")
  (#rule! "python.write-outside"))
((_) @call (#method? @call "savefig" "to_parquet" "to_pickle")
  (#arg-outside? @call "9:fname" "/tmp" "/work" "/dev/shm" "/dev/null" "/dev/stdout" "/dev/stderr" "/dev/fd")
  (#rule! "python.write-outside"))
((_) @call (#call? @call "numpy.save" "numpy.savez" "numpy.savez_compressed" "numpy.savetxt" "matplotlib.pyplot.imsave" "matplotlib.image.imsave")
  (#arg-outside? @call "0:file" "/tmp" "/work" "/dev/shm" "/dev/null" "/dev/stdout" "/dev/stderr" "/dev/fd")
  (#rule! "python.write-outside"))
((_) @call (#call? @call "builtins.open" "io.open" "codecs.open" "gzip.open" "bz2.open" "lzma.open")
  (#arg-path? @call "0:file" "/proc" "/proc/*" "/sys" "/sys/*" "/etc/shadow*" "/etc/gshadow*" "/etc/sudoers*" "/root" "/root/*" "*/.ssh*" "*/.aws*"
    "*/.kube*" "*/.netrc" "*/.git-credentials" "*docker.sock" "/dev/mem" "/dev/kmem" "/var/run/secrets*" "/run/secrets*")
  (#rule! "python.read-sensitive" 30 high
    "reads what tells about the host, or secrets"
    "pass data in with the request"))
((_) @call (#call? @call "pathlib.**.read_text" "pathlib.**.read_bytes" "pathlib.**.open" "pathlib.**.iterdir" "pathlib.**.glob" "pathlib.**.rglob"
    "pathlib.**.stat" "pathlib.**.readlink")
  (#arg-path? @call self "/proc" "/proc/*" "/sys" "/sys/*" "/etc/shadow*" "/etc/gshadow*" "/etc/sudoers*" "/root" "/root/*" "*/.ssh*" "*/.aws*"
    "*/.kube*" "*/.netrc" "*/.git-credentials" "*docker.sock" "/dev/mem" "/dev/kmem" "/var/run/secrets*" "/run/secrets*")
  (#rule! "python.read-sensitive"))
((_) @call (#call? @call "builtins.open" "io.open" "codecs.open" "gzip.open" "bz2.open" "lzma.open")
  (#not-arg-may-be? @call "1:mode" "*w*" "*a*" "*x*" "*+*")
  (#arg-outside? @call "0:file" "/tmp" "/work" "/dev/shm" "/dev/null" "/dev/stdout" "/dev/stderr" "/dev/fd")
  (#not-arg-path? @call "0:file" "/proc" "/proc/*" "/sys" "/sys/*" "/etc/shadow*" "/etc/gshadow*" "/etc/sudoers*" "/root" "/root/*" "*/.ssh*" "*/.aws*"
    "*/.kube*" "*/.netrc" "*/.git-credentials" "*docker.sock" "/dev/mem" "/dev/kmem" "/var/run/secrets*" "/run/secrets*")
  (#rule! "python.read-outside" 10 low
    "reads a file outside of the working directory"
    "send the data as one of files[]"))
((_) @call (#call? @call "pathlib.**.read_text" "pathlib.**.read_bytes" "pathlib.**.open" "pathlib.**.iterdir" "pathlib.**.glob" "pathlib.**.rglob")
  (#arg-outside? @call self "/tmp" "/work" "/dev/shm" "/dev/null" "/dev/stdout" "/dev/stderr" "/dev/fd")
  (#not-arg-may-be? @call "0:mode" "*w*" "*a*" "*x*" "*+*")
  (#not-arg-path? @call self "/proc" "/proc/*" "/sys" "/sys/*" "/etc/shadow*" "/etc/gshadow*" "/etc/sudoers*" "/root" "/root/*" "*/.ssh*" "*/.aws*"
    "*/.kube*" "*/.netrc" "*/.git-credentials" "*docker.sock" "/dev/mem" "/dev/kmem" "/var/run/secrets*" "/run/secrets*")
  (#rule! "python.read-outside"))
((_) @use (#use? @use "pathlib.**().read_text" "pathlib.**().read_bytes" "pathlib.**().open" "pathlib.**().iterdir" "pathlib.**().glob"
    "pathlib.**().rglob" "pathlib.**().walk" "pathlib.**().stat" "pathlib.**().lstat")
  (#rule! "python.pathlib.read" 15 medium
    "reads files or directories by pathlib"
    "use open() and names of the working directory"))
((_) @use (#use? @use "pathlib.**().unlink" "pathlib.**().rmdir" "pathlib.**().rename" "pathlib.**().replace" "pathlib.**().symlink_to"
    "pathlib.**().hardlink_to" "pathlib.**().link_to" "pathlib.**().chmod")
  (#rule! "python.pathlib.delete" 30 high
    "deletes, renames or links files"
    "write new files"))

; ---- hints, and what cannot be read
((while_statement condition: (_) @condition body: (_) @body) @finding
  (#any-of? @condition "True" "1" "(True)")
  (#lacks? @body "break_statement" "return_statement" "raise_statement" "yield" "exit" "quit" "_exit")
  (#rule! "python.endless-loop" 5 info
    "a loop without an end"
    "end it; the run is ended at its time limit"))
; The following are about a file as a whole.
((_) @file (#file? @file "source-encoding")
  (#rule! "python.source-encoding" 100 critical
    "declares an encoding in which the interpreter may read other code than this"
    "write UTF-8 and leave the coding comment out"))
((_) @file (#file? @file "binary-file")
  (#rule! "python.binary-file" 100 critical
    "a file that the interpreter would run and nobody can read"
    "send source code"))
((_) @file (#file? @file "syntax-error")
  (#rule! "python.syntax-error" 0 info
    "a part that does not parse"
    "the interpreter's message tells more"))
((_) @file (#file? @file "unparsed-danger")
  (#rule! "python.unparsed-danger" 40 high
    "a dangerous word in a part that does not parse"
    "correct the syntax"))
