# Python's part of a template: run once in the interpreter, in a dictionary of its own. C calls what is defined here
# (template_python.c); `imports` and `exercise` (source, may be empty) are set before. Nothing here stays visible: the
# names that this page imports for itself leave sys.modules again.
import sys

_bare = set(sys.modules)
for _name in imports:
    __import__(_name)

_seen = set(sys.modules)
import _weakref
import atexit
import builtins
import gc
import io
import posix

_waiting = False
run_exitfuncs = atexit._run_exitfuncs
_code = compile(exercise, "<prepare>", "exec", 0, True)
_small = compile("x = [str(i) for i in range(3)]\ndef f(a, b=1):\n    return {a: b}\nf(x[0])\n", "<prepare>", "exec", 0, True)


def warm_up():
    """What most programs do first, so that a clone has its own copies of those pages before it is needed."""
    out, err = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = io.TextIOWrapper(io.BytesIO(), "utf-8")
    try:
        exec(_small, {"__name__": "prepare", "__builtins__": builtins})
        exec(_code, {"__name__": "prepare", "__builtins__": builtins, "imports": imports, "waiting": _waiting})
        print(1, 1.5, "text", flush=True)
    finally:
        sys.stdout, sys.stderr = out, err


def after_clone():
    """State that all clones would share. The random module has its own hook (os.register_at_fork)."""
    global _waiting
    _waiting = True
    mtrand = sys.modules.get("numpy.random.mtrand")
    if mtrand is not None:
        mtrand._rand.seed()


def settle():
    """The last of the template: a collection in a clone does not touch what is frozen here."""
    warm_up()
    for name in set(sys.modules) - _seen:
        if name in ("_weakref", "atexit", "builtins", "gc", "io", "posix"):
            del sys.modules[name]
    gc.collect()
    gc.freeze()
    warm_up()
    gc.collect()
    gc.freeze()
    warm_up()
    gc.collect(0)
    global _last
    _last = next(reversed(sys.modules))


def directories():
    """Where the modules lie: when one changes, so has the template."""
    found = set()
    for m in list(sys.modules.values()):
        path = getattr(m, "__file__", None)
        if isinstance(path, str) and path.startswith("/"):
            found.add(path.rpartition("/")[0])
    return "\n".join(sorted(found))


def _step_aside():
    """A module of the program's own goes before one of the template's, as it does when that is yet to be imported."""
    files = posix.listdir(".")
    for file in files if len(files) > 1 else ():
        own = file.partition(".")[0]
        for name in list(sys.modules):
            if name not in _bare and (name == own or name.startswith(own + ".")):
                del sys.modules[name]


def begin(path):
    """As CPython does before it runs a file (_PyRun_SimpleFile)."""
    _step_aside()
    main = sys.modules["__main__"].__dict__
    main["__file__"] = path
    main["__cached__"] = None
    main["__loader__"] = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", path)


def exit_code(error):
    """As CPython does with an uncaught SystemExit (handle_system_exit)."""
    code = getattr(error, "code", error)
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 255 if -(1 << 63) <= code < 1 << 63 else 255
    try:
        print(code, file=sys.stderr)
    except BaseException:
        pass
    return 1


def _collect():
    """All there is of the program's. A full collection also empties the free lists, which lie all over the template's
    pages: where nothing is old that is left out."""
    gc.collect(2 if gc.get_objects(2) else 1)


def collect():
    if gc.isenabled():
        _collect()


def clear():
    """The end of the program's modules, in CPython's order (finalize_modules); the template's own are left alone:
    the process ends next, and to free them one by one is what an interpreter's end costs."""
    space = sys.__dict__
    for name in ("path", "argv", "ps1", "ps2", "last_type", "last_value", "last_traceback", "path_hooks",
                 "path_importer_cache", "meta_path"):
        space[name] = None
    for name in ("stdin", "stdout", "stderr"):
        space[name] = space.get("__%s__" % name)
    builtins.__dict__["_"] = None
    # Only what came after the template is looked at: to touch an object is to copy its page.
    modules, own = sys.modules, []
    for name in list(_newer(modules)) + ["__main__"]:
        module = modules.pop(name, None)
        try:
            own.append(_weakref.ref(module))
        except TypeError:
            pass
    space["modules"] = {}
    module = None
    _collect()
    for ref in own:
        module = ref()
        if module is not None:
            _clear_names(module.__dict__)


def _newer(modules):
    """Names that the program has added, the newest first: a dictionary keeps the order."""
    for name in reversed(modules):
        if name == _last:
            return
        yield name


def _clear_names(names):
    for name in list(names):
        if isinstance(name, str) and name[:1] == "_" and name[1:2] != "_":
            names[name] = None
    for name in list(names):
        if isinstance(name, str) and (name[:1] != "_" or name[1:2] == "_") and name != "__builtins__":
            names[name] = None

