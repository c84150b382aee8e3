"""State that one run plants and later runs look for. Warm or cold, each finds an interpreter as if nobody had been there.

A Plant has two programs. The first changes something and says so; the second says what it sees, which must be `sees`, in a
run before and in many after it, one after the other and at the same time."""

import dataclasses
import textwrap

import pytest
from planted import SUCCESS, at_once, end_of, run


@dataclasses.dataclass(frozen=True)
class Plant:
    name: str
    plant: str
    look: str
    sees: str
    end: tuple = SUCCESS  # of the run that plants


PLANTS = [
    Plant("files", """
        import os
        for place in ("/tmp", "/work", "/dev/shm"):
            for name in ("planted", ".planted", "planted.pth"):
                open(os.path.join(place, name), "w").write("planted")
            os.makedirs(place + "/planted.d/deep")
        print("planted")
    """, """
        import os
        for place in ("/tmp", "/work", "/dev/shm"):
            print(place, sorted(os.listdir(place)))
        print(os.statvfs("/tmp").f_bfree, os.statvfs("/dev/shm").f_ffree)
    """, "/tmp []\n/work ['main.py']\n/dev/shm []\n25599 4095\n"),
    Plant("start_up_files", """
        import os
        for path in ("sitecustomize.py", "usercustomize.py", "json.py", "numpy.py", ".pythonrc", "python.py", "pyvenv.cfg", "python311._pth",
                     ".local/lib/python3.11/site-packages/x.pth", ".config/matplotlib/matplotlibrc", "matplotlibrc", "/tmp/.matplotlib/matplotlibrc"):
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            open(path, "w").write("raise SystemExit('planted')")
        print("planted")
    """, """
        import sys, json, numpy, matplotlib
        print(json.__file__, matplotlib.matplotlib_fname(), [m.__file__ for n, m in sys.modules.items() if "customize" in n])
    """, "/usr/lib/python3.11/json/__init__.py /etc/matplotlibrc ['/etc/sandgate-python/sitecustomize.py']\n"),
    Plant("builtins", """
        import builtins
        builtins.planted = 1
        builtins.len = lambda x: -1
        builtins.print, real = (lambda *a: real("planted")), print
        builtins.__import__ = lambda *a: None
        print("planted")
    """, """
        import builtins, os
        print(hasattr(builtins, "planted"), len([1, 2]), builtins.len, os.sep)
    """, "False 2 <built-in function len> /\n"),
    Plant("modules", """
        import json, os, sys, types, string
        json.dumps = json.loads = lambda *a: "planted"
        os.listdir = os.getcwd = lambda *a: "planted"
        string.ascii_letters = "planted"
        sys.modules["planted"] = types.ModuleType("planted")
        sys.modules["colorsys"] = None
        print("planted")
    """, """
        import json, os, sys, string, colorsys
        print(json.dumps([1]), os.listdir("."), os.getcwd(), string.ascii_letters[:3], "planted" in sys.modules)
    """, "[1] ['main.py'] /work abc False\n"),
    Plant("hooks", """
        import sys, threading
        def hook(*a):
            print("planted")
        sys.settrace(lambda *a: None); threading.settrace(hook); sys.setprofile(lambda *a: None)
        sys.excepthook = sys.displayhook = sys.unraisablehook = threading.excepthook = hook
        sys.meta_path.insert(0, hook); sys.path_hooks.insert(0, hook); sys.path.insert(0, "/tmp"); sys.addaudithook(lambda *a: None)
        sys.setrecursionlimit(50000); sys.setswitchinterval(1); sys.set_int_max_str_digits(0)
        print("planted")
    """, """
        import sys, threading
        print(sys.gettrace(), sys.getprofile(), threading.gettrace(), sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__)
        print(len(sys.meta_path), len(sys.path_hooks), sys.path[0], sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits())
    """, "None None None True True\n5 2 /work 1000 0.005 4300\n"),
    Plant("codecs", """
        import codecs
        codecs.register_error("planted", lambda e: ("planted", e.end))
        codecs.register_error("strict", lambda e: ("planted", e.end))
        codecs.register(lambda name: codecs.lookup("utf-8") if name == "planted" else None)
        print("planted")
    """, r"""
        import codecs
        for attempt in (lambda: codecs.lookup_error("planted"), lambda: codecs.lookup("planted"), lambda: "\u00e4".encode("ascii", "strict")):
            try:
                print(attempt())
            except (LookupError, UnicodeError) as error:
                print(type(error).__name__)
    """, "LookupError\nLookupError\nUnicodeEncodeError\n"),
    Plant("at_exit", """
        import atexit, threading, weakref
        class C: pass
        kept = C()
        weakref.finalize(kept, print, "final")
        atexit.register(print, "at exit")
        threading._register_atexit(print, "threads at exit")
        print("planted")
    """, "import atexit; print(atexit._ncallbacks())", "0\n"),
    Plant("collector", """
        import gc
        gc.disable(); gc.set_threshold(1, 1, 1); gc.callbacks.append(print); gc.garbage.append("planted")
        print("planted")
    """, "import gc; print(gc.isenabled(), gc.get_threshold(), gc.callbacks, gc.garbage, gc.get_debug())", "True (700, 10, 10) [] [] 0\n"),
    Plant("warnings", """
        import warnings
        warnings.simplefilter("error"); warnings.showwarning = print; warnings.onceregistry["planted"] = 1
        print("planted")
    """, """
        import warnings
        with warnings.catch_warnings(record=True) as found:
            warnings.warn("x", DeprecationWarning)
        print(len(found), len(warnings.filters), warnings.onceregistry, warnings.showwarning.__module__)
    """, "1 5 {} warnings\n"),
    Plant("environment", """
        import os, locale, time, ctypes
        os.environ["PLANTED"] = "1"; os.environ["HOME"] = "/tmp"; os.environ["TZ"] = "Europe/Vienna"; time.tzset()
        ctypes.CDLL(None).setenv(b"PLANTED_IN_C", b"1", 1)
        locale.setlocale(locale.LC_ALL, "C"); os.umask(0); os.chdir("/tmp"); os.nice(19)
        print("planted")
    """, """
        import os, locale, time, ctypes
        print(sorted(n for n in os.environ if "PLANTED" in n), os.environ["HOME"], time.tzname, ctypes.CDLL(None).getenv(b"PLANTED_IN_C"), locale.setlocale(locale.LC_CTYPE))
        print(oct(os.umask(0)), os.getcwd(), os.nice(0), os.sched_getscheduler(0))
    """, "[] /work ('UTC', 'UTC') 0 C.UTF-8\n0o22 /work 0 0\n"),
    Plant("numpy", """
        import numpy as np
        np.mean = lambda *a: "planted"
        np.set_printoptions(precision=1, suppress=True); np.seterr(all="ignore"); np.setbufsize(16384); np.planted = 1
        np.random.seed(7); np.random.default_rng = None; np.core.multiarray.set_string_function(lambda a: "planted")
        np.ndarray.__module__ if True else None
        print("planted")
    """, """
        import numpy as np
        print(np.mean([1, 2, 3, 4, 5]), np.get_printoptions()["precision"], np.geterr()["divide"], np.getbufsize(), hasattr(np, "planted"), np.array([1 / 3]))
        print(np.random.default_rng(1).integers(100), np.random.randint(1 << 30) == np.random.RandomState(7).randint(1 << 30))
    """, "3.0 8 warn 8192 False [0.33333333]\n47 False\n"),
    Plant("seeds", """
        import random, numpy
        random.seed(7); numpy.random.seed(7)
        random.random = lambda: 0.5
        print("planted")
    """, """
        import random, numpy
        print(random.getrandbits(64) == random.Random(7).getrandbits(64), random.random() == 0.5, numpy.random.rand() == numpy.random.RandomState(7).rand())
    """, "False False False\n"),
    Plant("pandas", """
        import pandas as pd
        pd.set_option("display.max_rows", 3); pd.set_option("mode.chained_assignment", None)
        pd.DataFrame.sum = lambda self: "planted"; pd.options.display.float_format = "{:.0f}".format
        pd.api.extensions.register_series_accessor("planted")(object)
        print("planted")
    """, """
        import pandas as pd
        print(pd.get_option("display.max_rows"), pd.get_option("mode.chained_assignment"), pd.DataFrame({"a": [1.5]}).sum().tolist(), pd.get_option("display.float_format"), hasattr(pd.Series, "planted"))
    """, "60 warn [1.5] None False\n"),
    Plant("pyplot", """
        import matplotlib, matplotlib.pyplot as plt, os
        plt.rcParams["font.size"] = 33; matplotlib.rcParamsDefault["lines.linewidth"] = 77; plt.figure(); plt.plot([1, 2]); plt.ion(); plt.style.use("ggplot")
        for top, _, names in os.walk(matplotlib.get_cachedir()):
            for name in names:
                open(os.path.join(top, name), "w").write("planted")
        os.makedirs(matplotlib.get_configdir(), exist_ok=True)
        open(matplotlib.get_configdir() + "/matplotlibrc", "w").write("font.size: 55")
        matplotlib.use("svg")
        print("planted")
    """, """
        import matplotlib, matplotlib.pyplot as plt
        print(plt.rcParams["font.size"], matplotlib.rcParamsDefault["lines.linewidth"], plt.get_fignums(), plt.isinteractive(), plt.rcParams["axes.facecolor"], matplotlib.get_backend())
        plt.title("t"); plt.savefig("x.png"); print(open("x.png", "rb").read(4))
    """, "10.0 1.5 [] False white agg\nb'\\x89PNG'\n"),
    Plant("descriptors", """
        import os, select, socket, signal, tempfile
        held = [os.open("/usr/bin/python3", os.O_RDONLY), *os.pipe(), select.epoll().fileno(), *[s.detach() for s in socket.socketpair()], tempfile.mkstemp()[0]]
        for fd in held:
            os.set_inheritable(fd, True)
        os.dup2(1, 9); os.dup2(0, 200)
        print("planted", flush=True)
        os._exit(0)
    """, """
        import os
        found = []
        for fd in range(1024):
            try:
                os.fstat(fd)
                found.append(fd)
            except OSError:
                pass
        print(found)
    """, "[0, 1, 2]\n"),
    Plant("signals", """
        import signal, os
        for s in signal.valid_signals() - {9, 19, 32, 33}:
            signal.signal(s, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        os.kill(os.getpid(), signal.SIGUSR1)
        print("planted")
    """, """
        import signal
        print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.sigpending(), [int(s) for s in signal.valid_signals() if signal.getsignal(s) is signal.SIG_IGN], signal.getsignal(2).__name__)
    """, "set() set() [13, 25] default_int_handler\n"),
    Plant("timers", """
        import signal, faulthandler, os, ctypes
        signal.setitimer(signal.ITIMER_REAL, 0.5, 0.1); signal.setitimer(signal.ITIMER_VIRTUAL, 5, 5); signal.setitimer(signal.ITIMER_PROF, 5, 5)
        faulthandler.dump_traceback_later(0.5, repeat=True)
        libc = ctypes.CDLL(None)
        fd = libc.timerfd_create(1, 0)
        print("planted", flush=True)
        os._exit(0)
    """, """
        import signal, time
        print([signal.getitimer(t) for t in (0, 1, 2)], signal.alarm(0))
        time.sleep(0.8)
        print("undisturbed")
    """, "[(0.0, 0.0), (0.0, 0.0), (0.0, 0.0)] 0\nundisturbed\n"),
    Plant("alarm", "import signal; signal.alarm(1); print('planted')", "import signal, time; print(signal.alarm(0)); time.sleep(1.2); print('undisturbed')", "0\nundisturbed\n"),
    Plant("limits", """
        import resource
        for name in (resource.RLIMIT_NOFILE, resource.RLIMIT_STACK, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):
            try:
                resource.setrlimit(name, (1, 1))
            except (OSError, ValueError) as error:
                pass
        print("planted")
    """, "import resource; print([resource.getrlimit(n) for n in (resource.RLIMIT_NOFILE, resource.RLIMIT_STACK, resource.RLIMIT_FSIZE)])",
          "[(1024, 1024), (8388608, 8388608), (104857600, 104857600)]\n"),
    Plant("threads", """
        import threading, os, time
        def spin():
            while True:
                time.sleep(0.001)
        for _ in range(20):
            threading.Thread(target=spin, daemon=True).start()
        print("planted", flush=True)
        os._exit(0)
    """, "import os, threading; print(os.listdir('/proc/self/task') == [str(os.getpid())], threading.active_count(), threading.Thread().name)", "True 1 Thread-1\n"),
    Plant("threads_at_the_time_limit", """
        import threading, time
        for _ in range(20):
            threading.Thread(target=time.sleep, args=(60,)).start()
        print("planted", flush=True)
    """, "import threading; print(threading.active_count())", "1\n", end=("wall_time", None, "SIGKILL")),
    Plant("locks", """
        import fcntl
        held = []
        for path in ("/usr/bin/python3", "/usr/lib/python3.11/os.py", "/etc/passwd", "/work/main.py"):
            f = open(path)
            for lock in (fcntl.flock, fcntl.lockf):
                try:
                    lock(f, fcntl.LOCK_SH)
                except OSError:
                    pass
            held.append(f)
        print("planted", flush=True)
        import time; time.sleep(0.3)
    """, """
        import fcntl
        for path in ("/usr/bin/python3", "/usr/lib/python3.11/os.py", "/etc/passwd"):
            try:
                fcntl.flock(open(path), fcntl.LOCK_EX | fcntl.LOCK_NB)
                print("locked")
            except OSError as error:
                print(error.strerror)
    """, "Function not implemented\n" * 3),
    Plant("system_v", """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        for number, arguments in ((29, (77, 4096, 0o1666)), (64, (77, 1, 0o1666)), (68, (77, 0o1666)), (240, (b"planted", 0o102, 0o666, None)), (319, (b"planted", 0)), (248, (b"user", b"planted", b"x", 1, -4))):
            print(libc.syscall(ctypes.c_long(number), *arguments), ctypes.get_errno())
        print("planted")
    """, """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        for number, arguments in ((29, (77, 0, 0)), (64, (77, 0, 0)), (68, (77, 0)), (240, (b"planted", 0, 0, None)), (249, (b"user", b"planted", None, -4)), (250, (0, -4, 0))):
            print(libc.syscall(ctypes.c_long(number), *arguments), ctypes.get_errno())
    """, "-1 1\n" * 6),
    Plant("named_semaphores", """
        import ctypes, multiprocessing
        libc = ctypes.CDLL(None, use_errno=True)
        libc.sem_open.restype = ctypes.c_void_p
        print(bool(libc.sem_open(b"/planted", 0o100, 0o666, 1)), libc.shm_open(b"/planted-memory", 0o102, 0o666) > 2)
        print("planted")
    """, """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        libc.sem_open.restype = ctypes.c_void_p
        print(libc.sem_open(b"/planted", 0), ctypes.get_errno(), libc.shm_open(b"/planted-memory", 2, 0), ctypes.get_errno())
    """, "None 2 -1 2\n"),
    Plant("sockets", """
        import socket
        for attempt in (lambda: socket.socket(socket.AF_UNIX).bind("\\0planted"), lambda: socket.socket(socket.AF_UNIX).bind("/tmp/planted")):
            try:
                attempt()
            except OSError as error:
                print(error.errno)
        print("planted")
    """, """
        import socket
        try:
            socket.socket(socket.AF_UNIX).connect("\\0planted")
        except OSError as error:
            print(error.errno)
    """, "97\n"),
    Plant("network", """
        import array, os, socket
        for _ in range(100):
            a, b = socket.socketpair()
            a.send(b"x" * 1000)
            a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [a.fileno(), b.fileno()]))])
        print("planted", flush=True)
        os._exit(0)
    """, """
        for name in ("unix", "dev", "snmp", "netstat", "sockstat"):
            with open("/proc/self/net/" + name) as file:
                lines = file.readlines()
            if name in ("unix", "sockstat"):  # what is of this namespace in them
                print(len(lines) if name == "unix" else lines[0].strip())
            else:
                counters = (line.split() for line in lines if not line.startswith("Ip:"))  # that has settings of the host
                print(sorted({int(word) for words in counters for word in words if word.isdigit()}))
    """, "1\n[0]\n[0, 1, 200, 120000]\n[0]\nsockets: used 0\n"),
    Plant("streams", """
        import sys, os, fcntl
        sys.stdout.reconfigure(encoding="utf-16"); sys.stderr = None; sys.stdin.close()
        os.set_blocking(1, False)
        fcntl.fcntl(2, fcntl.F_SETFL, os.O_APPEND | os.O_NONBLOCK)
        os.write(1, b"planted\\n")
        os._exit(0)
    """, "import sys, os; print(sys.stdout.encoding, sys.stderr.name, sys.stdin.read(), os.get_blocking(1), os.get_blocking(2))", "utf-8 <stderr>  True True\n"),
    Plant("main", """
        import sys, linecache
        __main__ = sys.modules["__main__"]
        __main__.planted = 1
        linecache.cache["/work/main.py"] = (1, None, ["planted"], "/work/main.py")
        sys.argv.append("planted"); sys.path_importer_cache["planted"] = None; sys.intern("planted")
        print("planted")
    """, "import sys, linecache; print('planted' in globals(), 'planted' in sys.argv, linecache.getline(__file__, 1)[:6], 'planted' in sys.path_importer_cache)", "False False import False\n"),
    Plant("types", """
        import ctypes, fractions, decimal, enum, re, signal
        ctypes.pythonapi.PyDict_SetItemString.argtypes = [ctypes.py_object, ctypes.c_char_p, ctypes.py_object]
        import gc
        gc.get_referents(int.__dict__)[0]["planted"] = 1
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(int))
        fractions.Fraction.planted = 1; decimal.getcontext().prec = 3; re.compile("planted"); signal.Signals.planted = 1
        ctypes.memset(id(257) + 24, 0, 1) if False else None
        print("planted", (1).planted)
    """, "import decimal, fractions; print(hasattr(1, 'planted'), hasattr(fractions.Fraction, 'planted'), decimal.getcontext().prec)", "False False 28\n"),
    Plant("small_numbers", """
        import ctypes, sys
        ctypes.memmove(id(7) + 24, b"\\x09", 1)  # 7 is 9 from now on
        sys.stdout.write("planted\\n")
        sys.stdout.flush()
        import os; os._exit(0)
    """, "print(7, 3 + 4, len('sevenxx'))", "7 7 7\n"),
    Plant("file_system_tricks", """
        import os
        os.symlink("/tmp", "/work/link"); os.mkdir("/tmp/locked", 0)
        for place in ("/tmp", "/work", "/dev/shm", "/"):
            try:
                os.chmod(place, 0)
            except OSError:
                pass
        print("planted")
    """, "import os; print([oct(os.stat(p).st_mode) for p in ('/tmp', '/work', '/dev/shm')], os.listdir('/tmp'))", "['0o41777', '0o40755', '0o41777'] []\n"),
    Plant("fault", """
        import ctypes, os
        os.write(1, b"planted\\n")
        ctypes.memset(0x10, 0, 1)
    """, "print(1)", "1\n", end=("signaled", None, "SIGSEGV")),
    Plant("kernel_settings", """
        import ctypes, os
        libc = ctypes.CDLL(None)
        print(libc.prctl(15, b"planted", 0, 0, 0), libc.prctl(41, 1, 0, 0, 0), libc.personality(0x0040000), libc.prctl(1, 9, 0, 0, 0))
        print("planted")
    """, "import ctypes; print(open('/proc/self/comm').read().strip(), open('/proc/self/personality').read().strip(), ctypes.CDLL(None).prctl(42, 0, 0, 0, 0))", "python3 00000000 0\n"),
]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda p: p.name)
def test_planted(production, plant):
    limits = {"wall_time_ms": 8000} if plant.end[0] == "wall_time" else {}
    docs = [run(production, plant.look)]
    planting = run(production, plant.plant, limits=limits)
    assert "planted" in planting["stdout"].split(), planting
    assert end_of(planting) == plant.end, planting
    docs += [run(production, plant.look), *at_once(production, plant.look, 4)]
    for doc in docs:
        assert (doc["stdout"], doc["stderr"], end_of(doc)) == (plant.sees, "", SUCCESS), doc


# They end, or do their harm later; or the box refuses them already (limits, system_v, sockets).
NOT_IN_ONE = {"descriptors", "timers", "streams", "fault", "threads_at_the_time_limit", "locks", "at_exit", "limits", "system_v", "sockets"}


@pytest.mark.parametrize("plant", [p for p in PLANTS if p.name not in NOT_IN_ONE], ids=lambda p: p.name)
def test_a_plant_is_seen_in_its_own_run(production, plant):
    """Else that nobody else sees it would prove nothing."""
    programs = [textwrap.dedent(program).replace("os._exit(0)", "") for program in (plant.plant, plant.look)]
    doc = run(production, "from sys import stdout as _out\n" + "\n_out.write('LOOK\\n')\n".join(programs))
    assert not (doc["stdout"].endswith("LOOK\n" + plant.sees) and end_of(doc) == SUCCESS), doc
