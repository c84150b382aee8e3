"""Runs that shall differ from each other and do not; runs that reach for what others are made of: a template, another clone,
pid 1."""

import concurrent.futures
import contextlib
import os
import textwrap
import time

import pytest
from planted import SUCCESS, TIERS, at_once, end_of, run
from procfs import process_table

# ---- what differs from run to run -------------------------------------------------------------------------------

RANDOM = """
import random, uuid, secrets, os, tempfile, ssl, ctypes, multiprocessing, json, hmac, time
libc = ctypes.CDLL(None)
values = dict(random=random.random(), bits=random.getrandbits(64), system=random.SystemRandom().random(), fresh=random.Random().random(), uuid4=uuid.uuid4().hex, uuid1=uuid.uuid1().hex,
              secrets=secrets.token_hex(16), urandom=os.urandom(16).hex(), mktemp=tempfile.mktemp(), mkstemp=tempfile.mkstemp()[1], directory=tempfile.mkdtemp(), ssl=ssl.RAND_bytes(16).hex(),
              authkey=bytes(multiprocessing.current_process().authkey).hex(), shuffled=str(random.sample(range(1000), 10)), state=hash(random.getstate()), arc4=[libc.arc4random() for _ in range(3)])
"""
RANDOM_OF_NUMPY = """
import numpy as np
values.update(legacy=np.random.rand(), integers=np.random.randint(0, 1 << 60), state=str(np.random.get_state()[1][:5]), legacy_new=np.random.RandomState().rand(), generator=np.random.default_rng().random(),
              sequence=str(np.random.SeedSequence().entropy), pcg=np.random.PCG64().random_raw(), permutation=str(np.random.permutation(1000)[:10]), normal=np.random.standard_normal())
"""


@pytest.mark.parametrize("tier", ["plain", "numpy", "pyplot"])
def test_random_values_differ(production, tier):
    """From run to run, in order and at once: of each kind no value comes twice."""
    program = TIERS[tier] + RANDOM + (RANDOM_OF_NUMPY if tier != "plain" else "") + "print(json.dumps(values))"
    docs = [run(production, program) for _ in range(3)] + at_once(production, program, 3) + at_once(production, program, 3)
    for doc in docs:
        assert (end_of(doc), doc["stderr"]) == (SUCCESS, ""), doc
    found = [eval(doc["stdout"]) for doc in docs]
    repeated = {name: [one[name] for one in found] for name in found[0] if len({str(one[name]) for one in found}) < len(found)}
    assert not repeated


# ---- reaching others --------------------------------------------------------------------------------------------

BYSTANDER = "import time, os; print(os.getpid(), flush=True); time.sleep(%s); print('unharmed')"

REACHES = {
    "kill_all": ("""
        for s in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGUSR1):
            attempt(lambda: os.kill(-1, s))
    """, "No such process\n" * 4),
    "kill_each": ("""
        reached = []
        refused = {}
        for s in (0, signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV):
            for pid in range(1, 40001):
                if pid != os.getpid():
                    try:
                        os.kill(pid, s)
                        reached.append((pid, s))
                    except OSError as error:
                        refused.setdefault(error.strerror, set()).add(pid)
        print(reached, {text: len(pids) if len(pids) > 5 else pids for text, pids in sorted(refused.items())})
    """, "[] {'No such process': 39998, 'Operation not permitted': {1}}\n"),
    "kill_groups": ("""
        for pid in range(2, 5000):
            if pid != os.getpgid(0):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
                    print("reached", pid)
        attempt(lambda: os.killpg(1, signal.SIGKILL))
    """, "No such process\n"),
    "parents": ("""
        for s in (signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV):
            attempt(lambda: os.kill(os.getppid(), s) if os.getppid() else no_parent())
            attempt(lambda: os.kill(1, s))
    """, "Operation not permitted\n" * 10),
    "queued_signals": ("""
        info = ctypes.create_string_buffer(128)
        for number, arguments in ((129, (1, 9, info)), (297, (1, 1, 9, info)), (200, (1, 9)), (234, (1, 1, 9)), (424, (1, 9, None, 0))):
            call(number, *arguments)
    """, "Operation not permitted\n" * 5),
    "ptrace": ("""
        for pid in (1, os.getppid(), 3, 4, 5, 100):
            call(101, 16, pid, 0, 0)
            call(101, 0x4206, pid, 0, 0)
    """, "Operation not permitted\n" * 12),
    "memory_of_others": ("""
        data = ctypes.create_string_buffer(64)
        vector = (ctypes.c_ulong * 2)(ctypes.addressof(data), 64)
        for pid in (1, os.getppid(), 3):
            call(310, pid, vector, 1, vector, 1, 0)
            call(311, pid, vector, 1, vector, 1, 0)
        for pid in (0, 1, 3):
            attempt(lambda: open("/proc/%d/mem" % pid))
            attempt(lambda: os.listdir("/proc/%d/root" % pid))
        print(sorted(n for n in os.listdir("/proc") if n.isdigit()) == [str(os.getpid())])
    """, "Operation not permitted\n" * 6 + "No such file or directory\n" * 6 + "True\n"),
    "process_descriptors": ("""
        for pid in (1, os.getppid(), 3, os.getpid()):
            call(434, pid, 0)
        call(438, 3, 1, 0)
        call(440, 3, None, 0, 0, 0)
    """, "Operation not permitted\n" * 6),
    "waiting": ("""
        for pid in (-1, 0, 1, 3):
            attempt(lambda: os.waitpid(pid, os.WNOHANG))
        attempt(lambda: os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG))
        attempt(lambda: os.waitpid(-1, 0x40000000 | os.WNOHANG))
        attempt(lambda: os.waitpid(-1, 0x80000000 - (1 << 32) | os.WNOHANG))
    """, "No child processes\n" * 7),
    "settings_of_others": ("""
        import resource
        for attempted in (lambda: os.setpriority(os.PRIO_PROCESS, 1, 19), lambda: os.setpriority(os.PRIO_PROCESS, 3, 19), lambda: os.setpriority(os.PRIO_USER, 1000, 19), lambda: os.setpgid(1, 1), lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (1, 1)),
                          lambda: os.sched_setaffinity(1, [0]), lambda: os.getpgid(3)):
            attempt(attempted)
    """, "Function not implemented\n" * 2 + "Operation not permitted\n" * 4 + "No such process\n"),
    "namespaces_of_others": ("""
        for name in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup"):
            attempt(lambda: os.open("/proc/1/ns/" + name, os.O_RDONLY))
            fd = os.open("/proc/self/ns/" + name, os.O_RDONLY)
            call(308, fd, 0)
        call(272, 0x10000000)
    """, "No such file or directory\nOperation not permitted\n" * 7 + "Operation not permitted\n"),
    "own_group": ("""
        signal.signal(signal.SIGTERM, lambda *a: print("only me"))
        os.killpg(0, signal.SIGTERM)
        os.kill(0, signal.SIGTERM)
    """, "only me\nonly me\n"),
}

BEGINNING = """
import contextlib, ctypes, os, signal
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

def attempt(action):
    try:
        print("worked", action())
    except OSError as error:
        print(error.strerror)

def no_parent():
    raise PermissionError(1, "Operation not permitted")

def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    print(os.strerror(ctypes.get_errno()) if result == -1 else "worked %d" % result)

"""


def long_lived(stack):
    """{pid: parent and name} of the executor's two processes, and of its templates: children that are in no box."""
    table, child = process_table(), stack.executor_child()
    found = {pid: table[pid][::2] for pid in (stack.pid("executor"), child) if pid in table}
    for pid, (ppid, _, name) in table.items():
        with contextlib.suppress(OSError):
            if ppid == child and name.startswith(("python", "sandgate-templ")) and pid_namespace(pid) == pid_namespace(child):
                found[pid] = (ppid, name)
    assert not stack.warm or len(found) >= 2 + len(TIERS), found
    return found


def pid_namespace(pid):
    return os.readlink("/proc/%d/ns/pid" % pid)


@pytest.mark.parametrize("name", REACHES)
def test_others_are_out_of_reach(production, name):
    """Two runs beside it end as they would, and those that come after it too; the executor is the same."""
    program, printed = REACHES[name]
    before = long_lived(production)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        beside = [pool.submit(run, production, TIERS[tier] + "\n" + BYSTANDER % 0.7) for tier in ("plain", "numpy")]
        doc = run(production, BEGINNING + textwrap.dedent(program))
        beside = [one.result() for one in beside]
    assert (doc["stdout"], doc["stderr"], end_of(doc)) == (printed, "", SUCCESS), doc
    for one in beside:
        assert (one["stdout"].splitlines()[1:], end_of(one)) == (["unharmed"], SUCCESS), one
    for tier in ("plain", "numpy"):
        after = run(production, TIERS[tier] + "\nprint('as ever')")
        assert (after["stdout"], after["stderr"], end_of(after)) == ("as ever\n", "", SUCCESS), after
    assert long_lived(production) == before and production.get("/ready").status == 200


def test_sockets_of_others_are_not_seen(production):
    """A pair of sockets that one run has open is in no list that another can read."""
    holder = "import socket, time; held = [socket.socketpair() for _ in range(50)]; print('up', flush=True); time.sleep(20)"
    look = "import glob; print({n: len(open(n).readlines()) for n in ('/proc/self/net/unix',)})"
    before = run(production, look)["stdout"]
    with production.begin(holder):
        time.sleep(1)
        during = run(production, look)["stdout"]
    assert during == before == "{'/proc/self/net/unix': 1}\n"


def test_signals_to_the_program_itself_end_only_that(production):
    """Each signal that ends a process, a few runs at a time; the next run is as ever."""
    for number in (1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 14, 15, 24, 26, 27, 29, 30, 34, 64):
        doc = run(production, "import os, signal; signal.signal(2, signal.SIG_DFL); os.kill(os.getpid(), %d)" % number)
        assert doc["exit_code"] is None and doc["termination"]["reason"] == "signaled", (number, doc)
    assert run(production, "print(1)")["stdout"] == "1\n"


def test_many_ends_in_a_row(production):
    """Runs that end badly, in turn with some that do not: none of these is touched."""
    bad = ["import os; os._exit(3)", "1 / 0", "import os; os.abort()", "raise SystemExit(7)", "import numpy; numpy.nothing", "import sys; sys.exit('x')",
           "import ctypes; ctypes.string_at(0)", "x = (", "import os; os.close(1); os.close(2)", "import os; os.kill(os.getpid(), 9)"]
    good = "import json, os; print(json.dumps(sorted(os.listdir('/work'))), len(os.listdir('/proc/self/fd')))"
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        docs = list(pool.map(lambda code: run(production, code), [code for one in bad for code in (one, good)]))
    assert [doc["stdout"] for doc in docs[1::2]] == ['["main.py"] 4\n'] * len(bad)
    assert [end_of(doc) for doc in docs[::2]] == [("exited", 3, None), ("exited", 1, None), ("signaled", None, "SIGABRT"), ("exited", 7, None), ("exited", 1, None), ("exited", 1, None),
                                                  ("signaled", None, "SIGSEGV"), ("exited", 1, None), ("exited", 0, None), ("signaled", None, "SIGKILL")]
