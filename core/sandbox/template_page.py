# Python's part of a template: run once in the interpreter, in a dictionary of its own. C calls what is defined here
# (template_python.c); `imports`, `exercise` (source, may be empty), `times` and `program_pid` are set before. Nothing here stays visible: the
# names that this page imports for itself leave sys.modules again.
import sys

_bare = set(sys.modules)
for _name in imports:
    __import__(_name)

_seen = set(sys.modules)
import _random
import _weakref
import atexit
import builtins
import gc
import io
import posix
import time

_waiting = False
_seed = _random.Random.seed
run_exitfuncs = atexit._run_exitfuncs
_IOBase = io._io._IOBase
_bases = type.__dict__["__mro__"].__get__
_objects, _referents = gc.get_objects, gc.get_referents
_machinery = sys.modules["_frozen_importlib_external"]
_suffixes = _machinery.SOURCE_SUFFIXES + _machinery.BYTECODE_SUFFIXES + sys.modules["_imp"].extension_suffixes()
_code = compile(exercise, "<prepare>", "exec", 0, True)
_small = compile("x = [str(i) for i in range(3)]\ndef f(a, b=1):\n    return {a: b}\nf(x[0])\n", "<prepare>", "exec", 0, True)


def warm_up():
    """What most programs do first, so that a clone has its own copies of those pages before it is needed. More of it is in C, in
    the clone (rehearse())."""
    exec(_code, {"__name__": "prepare", "__builtins__": builtins, "imports": imports, "waiting": _waiting})
    if _waiting:
        return
    out, err = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = io.TextIOWrapper(io.BytesIO(), "utf-8")
    try:
        exec(_small, {"__name__": "prepare", "__builtins__": builtins})
        print(1, 1.5, "text", flush=True)
    finally:
        sys.stdout, sys.stderr = out, err


def _known_hooks():
    """What the standard library has do at a fork to locks that nobody holds here, and to threads that there are none of.
    The seed of `random` is a clone's own (fresh())."""
    def of(module, *names):
        for name in names:
            at = sys.modules.get(module)
            for part in name.split("."):
                at = getattr(at, part, None)
            yield at
    yield from of("threading", "_after_fork")
    yield from of("random", "_inst.seed")
    yield from of("logging", "_acquireLock", "_releaseLock", "_after_at_fork_child_reinit_locks", "_lock.acquire",
                  "_lock.release")
    yield from of("concurrent.futures.thread", "_global_shutdown_lock.acquire", "_global_shutdown_lock.release",
                  "_global_shutdown_lock._at_fork_reinit")


def _has_other_hooks():
    """os.register_at_fork() keeps three lists that only the collector can tell: those in which a hook of ours is."""
    def mark():
        pass
    posix.register_at_fork(before=mark, after_in_parent=mark, after_in_child=mark)
    hooks = [one for one in gc.get_referrers(mark) if type(one) is list and one[-1] is mark]
    for one in hooks:
        one.pop()
    known, threading = list(_known_hooks()), sys.modules.get("threading")
    single = threading is None or len(threading._active) == len(threading._dangling) == 1
    return len(hooks) != 3 or not single or any(hook not in known for one in hooks for hook in one)


def legacy_state():
    """Of numpy.random: where its generator lies, what it holds there, and what else it has drawn; None without it."""
    mtrand = sys.modules.get("numpy.random.mtrand")
    if mtrand is None:
        return None
    mtrand._rand.seed()
    _, key, _, has_gauss, _ = mtrand._rand.get_state()
    return None if has_gauss else (mtrand._rand._bit_generator.capsule, key.tobytes())


def fresh(seeded):
    """State that all clones would share. To touch an object is to copy its page, and to run a function, too."""
    if not needs_hooks and "random" in sys.modules:
        _seed(sys.modules["random"]._inst)
    if not seeded and "numpy.random.mtrand" in sys.modules:
        sys.modules["numpy.random.mtrand"]._rand.seed()
    for path, data in _files:
        if data is None:
            posix.mkdir(path)
        else:
            with io.open(path, "xb") as file:
                file.write(data)


def settle():
    """The last of the template: a collection in a clone does not touch what is frozen here, nor finds garbage of ours."""
    global needs_hooks, _last, _files, _waiting
    warm_up()
    _waiting = True  # no more than a clone does: what a plot leaves would be each clone's to collect
    for _ in range(times):
        warm_up()
    needs_hooks = _has_other_hooks()
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._main_thread._native_id = program_pid  # of each clone, in its box
    for name in set(sys.modules) - _seen:
        if name in ("_random", "_weakref", "atexit", "builtins", "gc", "io", "posix", "time"):
            del sys.modules[name]
    gc.collect()
    gc.freeze()
    warm_up()
    gc.collect()
    gc.freeze()
    warm_up()
    gc.collect(0)
    sys.stdout.flush()  # what the imports print must not come out in every program: the executor looks
    sys.stderr.flush()
    if "random" in sys.modules:
        sys.modules["random"]._inst.gauss_next = None  # what an import has drawn would be every clone's first
    _last = next(reversed(sys.modules))
    _files = list(_written("/tmp"))


def _written(top):
    """What the imports have left there (Matplotlib its list of fonts), as each program finds it."""
    for name in posix.listdir(top):
        path = top + "/" + name
        if posix.stat(path).st_mode & 0o170000 == 0o040000:
            yield path, None
            yield from _written(path)
        else:
            with io.open(path, "rb") as file:
                yield path, file.read()


def directories():
    """Where the modules lie: when one changes, so has the template."""
    found = set()
    for m in list(sys.modules.values()):
        path = getattr(m, "__file__", None)
        if isinstance(path, str) and path.startswith("/"):
            found.add(path.rpartition("/")[0])
    return "\n".join(sorted(found))


def _own_module(file):
    """The module that an import takes from there, or None: another file of that name is none."""
    for suffix in _suffixes:
        if file.endswith(suffix):
            return file[:-len(suffix)]
        try:
            posix.stat(file + "/__init__" + suffix)
            return file
        except OSError:
            pass
    return None


def _step_aside():
    """A module of the program's own goes before one of the template's, as it does when that is yet to be imported."""
    files = posix.listdir(".")
    for own in map(_own_module, files) if len(files) > 1 else ():
        for name in list(sys.modules) if own and "." not in own else ():
            if name not in _bare and (name == own or name.startswith(own + ".")):
                del sys.modules[name]


def begin(path):
    """As CPython does before it runs a file (_PyRun_SimpleFile), in a module that no collection has frozen."""
    _step_aside()
    module = type(sys)("__main__")
    sys.modules["__main__"] = module
    main = module.__dict__
    main["__annotations__"] = {}
    main["__builtins__"] = builtins
    main["__file__"] = path
    main["__cached__"] = None
    main["__loader__"] = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", path)
    logging = sys.modules.get("logging")
    if logging is not None:
        logging._startTime = time.time()


# The end of the program's modules, in CPython's order (finalize_modules), in steps between which C lets go of objects
# and collects, so that no frame of this page lies below what they still run. The template's own modules are left
# alone: the process ends next, and to free them one by one is what an interpreter's end costs.

collect = gc.collect


def generation():
    """All there is of the program's. A full collection also empties the free lists, which lie all over the template's
    pages: where nothing is old, and nobody looks, that is left out."""
    return 2 if gc.callbacks or gc.get_debug() or gc.get_objects(2) else 1


def rehearse_shutdown():
    """The interpreter's end asks threading to stop the main thread: here another one, and names of its own to write to.
    Since Python 3.13 that is not told from threading's own state, and is left out."""
    threading = sys.modules.get("threading")
    if not hasattr(threading, "_shutdown_locks") or threading._main_thread.ident != threading.get_ident():
        return
    names, shutdown, thread = threading.__dict__, threading._shutdown, object.__new__(type(threading._main_thread))
    thread.__dict__.update(threading._main_thread.__dict__)
    thread._tstate_lock = threading._allocate_lock()
    thread._tstate_lock.acquire()
    space = {name: names[name] for name in shutdown.__code__.co_names if name in names}
    space.update(__builtins__=builtins, _main_thread=thread, _threading_atexits=[], _shutdown_locks={thread._tstate_lock})
    type(shutdown)(shutdown.__code__, space)()


def forget_rehearsal():
    """What has outlived it would be old, and make each collection a full one."""
    gc.freeze()


def wants_collection():
    return gc.isenabled()


def rehearsal():
    """A module like the program's, and the ways of begin() to it."""
    _step_aside()
    module = type(sys)("prepare")
    names = module.__dict__
    names["__annotations__"] = {}
    names["__builtins__"] = builtins
    names["__loader__"] = sys.modules["_frozen_importlib_external"].SourceFileLoader("prepare", "/work/main.py")
    return module


def touch():
    """The steps of detach() without what they do."""
    space = sys.__dict__
    for name in ("path", "argv", "path_hooks", "path_importer_cache", "meta_path", "stdin", "stdout", "stderr",
                 "is_finalizing", "modules"):
        space[name] = space[name]
    builtins.__dict__["__import__"] = builtins.__dict__["__import__"]
    for name in list(_newer(sys.modules)):
        pass
    return [_weakref.ref(sys)]


_survivors = []


def detach():
    """Only what came after the template is looked at: to touch an object is to copy its page."""
    global _survivors
    space, old = sys.__dict__, []
    for name in ("path", "argv", "ps1", "ps2", "last_type", "last_value", "last_traceback", "path_hooks",
                 "path_importer_cache", "meta_path"):
        old.append(space.get(name))
        space[name] = None
    for name in ("stdin", "stdout", "stderr"):
        old.append(space.get(name))
        space[name] = space.get("__%s__" % name)
    space["is_finalizing"] = _yes
    builtins.__dict__["_"] = None
    builtins.__dict__["__import__"] = _no_import
    modules, gone, _survivors = sys.modules, [], []
    for name in list(_newer(modules)) + ["__main__"]:
        gone.append(modules.get(name))
        modules[name] = None
        try:
            _survivors.append(_weakref.ref(gone[-1]))
        except TypeError:
            pass
    gone.extend(reversed(old))
    return gone  # a list lets go of its last one first


def forget():
    """The collection that comes next is one that CPython's does not tell of."""
    gc.callbacks.clear()
    sys.__dict__["modules"] = {}


def clear():
    for ref in _survivors:
        module = ref()
        if module is not None:
            _clear_names(module.__dict__)


def _is_file(one):
    """Whatever it says of itself."""
    return _IOBase in _bases(type(one))


def other_survivors():
    """What is not frozen is the program's."""
    return [one for one in _objects() if not _is_file(one)]


def files_left():
    """Each before what it lies on, which it closes: the other way round what it holds back could not be written."""
    left, order = [one for one in _objects() if _is_file(one)], []
    while left:
        below = {id(other) for one in left for held in _referents(one)
                 for other in (_referents(held) if type(held) is dict else (held,))}
        top = [one for one in left if id(one) not in below] or left
        order += top
        left = [one for one in left if id(one) in below] if top is not left else []
    return order


def _yes():
    return True


def _no_import(*_, **__):
    """What CPython says when it ends. Its own tracebacks, too, then do without source lines."""
    raise ImportError("sys.meta_path is None, Python is likely shutting down")


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

