"""The seccomp profile of Python: what it refuses, call by call and argument by argument, and what must work under it.

Positive controls: each is a program of ordinary work; an attack that is contained proves little if nothing works."""

import ctypes
import json
import os
import textwrap

import pytest
from stack import SOURCE

PROFILE = os.path.join(SOURCE, "packaging", "conf", "profiles", "python.json")
LAST = 470
# Let past every filter by the kernel since 6.13: they belong to probes that an administrator has set, and end
# whoever calls them without one (SIGILL, or ENXIO).
KERNELS_OWN = {335: "uretprobe", 336: "uprobe"}


def numbers():
    """{number: name} as libseccomp knows them: a name that it does not know gets the default."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_syscall_resolve_num_arch.restype = ctypes.c_void_p
    libc = ctypes.CDLL(None)
    names = {}
    for number in range(LAST + 1):
        text = seccomp.seccomp_syscall_resolve_num_arch(0xC000003E, number)
        if text:
            names[number] = ctypes.string_at(text).decode()
            libc.free(ctypes.c_void_p(text))
    return names


def expected():
    """{number: (name, errno)} of all that the profile refuses whatever the arguments."""
    with open(PROFILE, encoding="utf-8") as f:
        profile = json.load(f)
    rows = profile["syscalls"]
    allowed = {n for row in rows if row["action"] == "SCMP_ACT_ALLOW" for n in row["names"]}
    refused = {n: row["errnoRet"] for row in rows if row["action"] == "SCMP_ACT_ERRNO" and "args" not in row
               for n in row["names"]}
    assert not allowed & set(refused)
    names = numbers()
    return {number: (names.get(number, "no call"), refused.get(names.get(number), profile["defaultErrnoRet"]))
            for number in range(LAST + 1) if names.get(number) not in allowed and number not in KERNELS_OWN}


PROBER = """
import ctypes, json
libc = ctypes.CDLL(None, use_errno=True)
found = {}
for number in @NUMBERS@:
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0)
    found[number] = ctypes.get_errno() if result == -1 else "returned %d" % result
print(json.dumps(found))
"""


def test_every_refused_call(production):
    wanted = expected()
    assert len(wanted) > 290
    doc = production.run(PROBER.replace("@NUMBERS@", repr(sorted(wanted))))
    assert doc["status"] == "success", doc
    found = {int(k): v for k, v in json.loads(doc["stdout"]).items()}
    wrong = {"%d %s" % (number, name): "errno %s, expected %d" % (found.get(number), errnum)
             for number, (name, errnum) in wanted.items() if found.get(number) != errnum}
    assert not wrong


def test_the_prober_sees_what_is_not_refused(control):
    """Without the filter most of these calls reach the kernel: the prober would notice."""
    harmless = [29, 64, 68, 124, 135, 157, 206, 250, 253, 272, 284, 302, 310, 319, 425, 434]
    wanted = {number: expected().get(number) for number in harmless}
    control.lab(off="seccomp")
    doc = control.run(PROBER.replace("@NUMBERS@", repr(harmless)))
    found = {int(k): v for k, v in json.loads(doc["stdout"]).items()}
    differs = [n for n in harmless if wanted[n] is None or found[n] != wanted[n][1]]
    assert len(differs) > 10, found


def test_names_that_behaviours_ask_for():
    """Refused by name, not by omission."""
    by_name = {name: errnum for name, errnum in expected().values()}
    for name in ("execveat fork vfork ptrace process_vm_readv process_vm_writev mount umount2 unshare setns bpf "
                 "perf_event_open io_uring_setup io_uring_enter io_uring_register userfaultfd keyctl add_key "
                 "request_key kexec_load kexec_file_load init_module finit_module delete_module "
                 "open_by_handle_at").split():
        assert by_name[name] == 1, name
    assert by_name["socket"] == 97 and by_name["getxattr"] == 95 and by_name["clone3"] == 38


# number, arguments, errno: calls that are allowed with other arguments. "text": bytes in memory.
BY_ARGUMENT = {
    "clone of a process": (56, [17, 0, 0, 0, 0], 1),
    "clone of a process with shared memory": (56, [0x4111, 0, 0, 0, 0], 1),
    "clone of a thread with a namespace": (56, [0x10000000 | 0x10911, 0, 0, 0, 0], 38),
    "clone of a thread with CLONE_PARENT": (56, [0x8000 | 0x10911, 0, 0, 0, 0], 38),
    "clone of a thread with CLONE_PTRACE": (56, [0x2000 | 0x10911, 0, 0, 0, 0], 38),
    "clone of a thread with CLONE_VFORK": (56, [0x4000 | 0x10911, 0, 0, 0, 0], 38),
    "huge pages": (9, [0, 4096, 3, 0x40022, -1, 0], 1),
    "socketpair of AF_INET": (53, [2, 1, 0, "text"], 97),
    "socketpair of AF_ALG": (53, [38, 1, 0, "text"], 97),
    "socketpair of datagrams": (53, [1, 2, 0, "text"], 38),
    "SO_ATTACH_FILTER": (54, [0, 1, 26, "text", 16], 38),
    "SO_ATTACH_BPF": (54, [0, 1, 50, "text", 16], 38),
    "TIOCSTI": (16, [0, 0x5412, "text"], 1),
    "TIOCSTI with upper bits": (16, [0, 0x5412 | 1 << 32, "text"], 1),
    "TIOCLINUX": (16, [0, 0x541C, "text"], 1),
    "FICLONE": (16, [0, 0x40049409, 0], 95),
    "F_GETLK": (72, [0, 5, "text"], 1),
    "F_SETOWN": (72, [0, 8, 1], 1),
    "F_SETLEASE": (72, [0, 1024, 0], 1),
    "F_NOTIFY": (72, [0, 1026, 1], 1),
    "F_SETPIPE_SZ": (72, [1, 1031, 1 << 20], 1),
    "PR_SET_PDEATHSIG": (157, [1, 0, 0, 0, 0], 1),
    "PR_SET_DUMPABLE": (157, [4, 0, 0, 0, 0], 1),
    "PR_SET_SECCOMP": (157, [22, 1, 0, 0, 0], 1),
    "PR_SET_MM": (157, [35, 0, 0, 0, 0], 1),
    "PR_SET_NO_NEW_PRIVS": (157, [38, 1, 0, 0, 0], 1),
    "PR_CAP_AMBIENT": (157, [47, 1, 0, 0, 0], 1),
    "an unknown prctl": (157, [9999, 0, 0, 0, 0], 38),
    "ARCH_SET_CPUID": (158, [0x1012, 0], 38),
    "MADV_MERGEABLE": (28, [0, 4096, 12], 1),
    "MADV_HWPOISON": (28, [0, 4096, 100], 1),
    "POSIX_FADV_DONTNEED": (221, [0, 0, 0, 4], 1),
    "prlimit64 that sets": (302, [0, 4, "text", 0], 1),
    "prlimit64 of another process": (302, [1, 4, 0, "text"], 38),
    "setpriority of pid 1": (141, [0, 1, 5], 38),
    "setpriority of a group": (141, [1, 0, 5], 1),
    "setpriority of a user": (141, [2, 0, 5], 1),
}


def test_refused_by_argument(production):
    doc = production.run("""
import ctypes, json
libc = ctypes.CDLL(None, use_errno=True)
text = ctypes.create_string_buffer(4096)
found = {}
for name, (number, arguments, _) in %r.items():
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[text if a == "text" else ctypes.c_long(a) for a in arguments])
    found[name] = ctypes.get_errno() if result == -1 else "returned %%d" %% result
print(json.dumps(found))
""" % (BY_ARGUMENT,))
    found = json.loads(doc["stdout"])
    wrong = {name: (found.get(name), row[2]) for name, row in BY_ARGUMENT.items() if found.get(name) != row[2]}
    assert not wrong


# name: (program, what it prints)
WORK = {
    "numpy": ("""
        import numpy as np
        a = np.arange(90000.0).reshape(300, 300) + np.eye(300) * 1e6
        print(np.mean([1, 2, 3, 4, 5]), np.allclose(a @ np.linalg.inv(a), np.eye(300)), np.fft.fft(a).shape)
    """, "3.0 True (300, 300)\n"),
    "pandas": ("""
        import pandas as pd
        frame = pd.DataFrame({"a": [1, 2, 3], "b": list("xyx")})
        frame.to_csv("/tmp/x.csv")
        print(frame.groupby("b").a.mean().to_dict(), len(pd.read_csv("/tmp/x.csv")))
    """, "{'x': 2.0, 'y': 2.0} 3\n"),
    "matplotlib": ("""
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        plt.plot([1, 4, 9])
        plt.title("squares")
        plt.savefig("/tmp/plot.png")
        print(open("/tmp/plot.png", "rb").read(4)[1:])
    """, "b'PNG'\n"),
    "threads": ("""
        import threading
        total, lock = 0, threading.Lock()
        def add(n):
            global total
            with lock:
                total += n
        threads = [threading.Thread(target=add, args=(n,)) for n in range(20)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        print(total)
    """, "190\n"),
    "futures": ("""
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(8) as pool:
            print(sum(pool.map(lambda n: n * n, range(100))))
    """, "328350\n"),
    "asyncio": ("""
        import asyncio
        async def work(n):
            await asyncio.sleep(0.01)
            return await asyncio.to_thread(lambda: n * 2)
        async def main():
            async with asyncio.timeout(5):
                return sum(await asyncio.gather(*[work(n) for n in range(10)]))
        print(asyncio.run(main()))
    """, "90\n"),
    "asyncio_streams": ("""
        import asyncio, socket
        async def main():
            a, b = socket.socketpair()
            reader, writer = await asyncio.open_connection(sock=a)
            other, answer = await asyncio.open_connection(sock=b)
            writer.write(b"ping\\n")
            answer.write(b"pong " + await other.readline())
            print((await reader.readline()).decode().strip())
        asyncio.run(main())
    """, "pong ping\n"),
    "sqlite": ("""
        import sqlite3
        one = sqlite3.connect("/tmp/x.db")
        one.execute("create table t (n)")
        one.executemany("insert into t values (?)", [(n,) for n in range(100)])
        one.commit()
        print(sqlite3.connect("/tmp/x.db").execute("select sum(n) from t").fetchone()[0],
              sqlite3.connect(":memory:").execute("select 1 + 1").fetchone()[0])
    """, "4950 2\n"),
    "sqlite_wal": ("""
        import sqlite3
        one = sqlite3.connect("/work/x.db")
        one.execute("pragma locking_mode = exclusive")
        mode = one.execute("pragma journal_mode = wal").fetchone()[0]
        one.execute("create table t (n)")
        one.commit()
        print(mode)
    """, "wal\n"),
    "temporary_files": ("""
        import os, shutil, tempfile
        with tempfile.TemporaryDirectory() as top:
            with open(top + "/a", "w") as f:
                f.write("x" * 100000)
            shutil.copy2(top + "/a", top + "/b")
            shutil.copytree(top, top + "/c")
            shutil.move(top + "/b", top + "/d")
            archive = shutil.make_archive(top + "/e", "gztar", top + "/c")
            shutil.unpack_archive(archive, top + "/f")
            os.symlink("a", top + "/link")
            os.link(top + "/a", top + "/hard")
            os.utime(top + "/a", (1, 1))
            print(sorted(os.listdir(top)), os.path.getsize(top + "/f/a"))
        print(os.path.exists(top), tempfile.gettempdir())
    """, "['a', 'c', 'd', 'e.tar.gz', 'f', 'hard', 'link'] 100000\nFalse /tmp\n"),
    "ctypes": ("""
        import ctypes
        libc = ctypes.CDLL(None)
        compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
        numbers = (ctypes.c_int * 4)(3, 1, 4, 2)
        libc.qsort(numbers, 4, 4, compare(lambda a, b: a[0] - b[0]))
        print(list(numbers))
    """, "[1, 2, 3, 4]\n"),
    "standard_library": ("""
        import decimal, fractions, hashlib, json, platform, random, re, secrets, ssl, statistics, uuid, zlib
        print(json.loads(json.dumps({"a": [1, 2.5, None]})), decimal.Decimal(1) / 3 < 1, len(secrets.token_bytes(8)),
              hashlib.sha256(b"x").hexdigest()[:4], bool(ssl.OPENSSL_VERSION), uuid.uuid4().version,
              zlib.decompress(zlib.compress(b"zip")), bool(platform.platform()), bool(uuid.uuid1()))
    """, "{'a': [1, 2.5, None]} True 8 2d71 True 4 b'zip' True True\n"),
    "time_zones": ("""
        import datetime, zoneinfo
        when = datetime.datetime(2024, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo("UTC"))
        print(when.astimezone(zoneinfo.ZoneInfo("Europe/Vienna")))
    """, "2024-07-01 14:00:00+02:00\n"),
    "signals": ("""
        import os, signal, threading
        def note(number, frame):
            print(signal.Signals(number).name)
        for s in (signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(s, note)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        signal.pause()
        os.kill(os.getpid(), signal.SIGUSR1)
        signal.raise_signal(signal.SIGUSR2)
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        os.kill(os.getpid(), signal.SIGUSR1)
        print(signal.sigtimedwait({signal.SIGUSR1}, 1).si_signo == signal.SIGUSR1)
    """, "SIGALRM\nSIGUSR1\nSIGUSR2\nSIGUSR1\nTrue\n"),
    "pipes_and_polling": ("""
        import os, select, selectors, multiprocessing
        into, out = os.pipe()
        os.write(out, b"x")
        poller = select.epoll()
        poller.register(into)
        a, b = multiprocessing.Pipe()
        a.send({"an": "object"})
        print(len(poller.poll(1)), select.select([into], [], [], 1)[0] == [into], b.recv())
    """, "1 True {'an': 'object'}\n"),
    "memory_maps": ("""
        import mmap
        from multiprocessing import Lock, Value
        page = mmap.mmap(-1, 1 << 22)
        page.madvise(mmap.MADV_HUGEPAGE)
        page.resize(1 << 23)
        with open("/tmp/m", "wb+") as f:
            f.truncate(4096)
            with mmap.mmap(f.fileno(), 4096) as view:
                view[:3] = b"map"
                view.flush()
        value = Value("i", 7)
        print(len(page), open("/tmp/m", "rb").read(3), value.value)
    """, "8388608 b'map' 7\n"),
    "process_creation_is_refused_plainly": ("""
        import multiprocessing, os, subprocess
        for attempt in (os.fork, lambda: subprocess.run(["true"]), multiprocessing.Process(target=print).start,
                        lambda: os.posix_spawn("/usr/bin/true", ["true"], {})):
            try:
                attempt()
                print("made a process")
            except PermissionError:
                print("refused")
    """, "refused\n" * 4),
    "own_state": ("""
        import getpass, os, pwd, resource, socket, sys
        print(os.getuid(), pwd.getpwuid(os.getuid()).pw_name, os.getcwd(), os.environ["HOME"], os.environ["TMPDIR"],
              socket.gethostname(), os.nice(1), bool(os.cpu_count()), bool(os.times()), sys.stdin.read() == "",
              resource.getrlimit(resource.RLIMIT_CORE))
    """, "1000 sandbox /work /work /tmp sandbox 1 True True True (1, 1)\n"),
}


@pytest.mark.parametrize("name", WORK)
def test_work(production, name):
    program, output = WORK[name]
    doc = production.run(textwrap.dedent(program))
    assert (doc["stdout"], doc["stderr"], doc["exit_code"]) == (output, "", 0), doc
    assert doc["isolation"]["seccomp"] == "python"


# What just fits, and what just does not.
EXACT = {
    "processes": ({"processes": 12}, """
        import threading
        stop, made = threading.Event(), 0
        try:
            while made < 40:
                threading.Thread(target=stop.wait).start()
                made += 1
        except RuntimeError:
            pass
        stop.set()
        print(10 <= made <= 12, made)
    """, "True "),
    "file_bytes": ({"file_bytes": 1 << 20}, """
        with open("/tmp/f", "wb", buffering=0) as f:
            print(f.write(bytes(1 << 20)))
            try:
                f.write(b"x")
            except OSError as error:
                print(error.errno)
    """, "1048576\n27\n"),
    "memory_bytes": ({"memory_bytes": 128 << 20}, """
        held = bytearray(90 << 20)
        held[::4096] = b"x" * (len(held) // 4096)
        print("fits")
    """, "fits\n"),
}


@pytest.mark.parametrize("name", EXACT)
def test_exact_limits(production, name):
    limits, program, output = EXACT[name]
    doc = production.run(textwrap.dedent(program), limits=limits)
    assert doc["stdout"].startswith(output), doc
    assert doc["exit_code"] == 0, doc
