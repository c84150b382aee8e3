"""The seccomp profiles: what they refuse, call by call and argument by argument, and what must work under them.

Positive controls: each is a program of ordinary work; an attack that is contained proves little if nothing works."""

import ctypes
import json
import os
import textwrap

import pytest
from stack import SOURCE

# And the language of its prober: Python under that profile.
PROFILES = {"python": "python", **{name: "python-by-" + name for name in ("node", "generic", "shell", "compiler")}}
OF_PROCESSES = ("shell", "compiler")  # profiles for programs that make processes
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


def expected(profile):
    """{number: (name, errno)} of all that the profile refuses whatever the arguments."""
    with open(os.path.join(SOURCE, "packaging", "conf", "profiles", profile + ".json"), encoding="utf-8") as f:
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


@pytest.mark.parametrize("profile", PROFILES)
def test_every_refused_call(production, profile):
    wanted = expected(profile)
    assert len(wanted) > 290
    doc = production.run(PROBER.replace("@NUMBERS@", repr(sorted(wanted))), language=PROFILES[profile])
    assert doc["status"] == "success" and doc["isolation"]["seccomp"] == profile, doc
    found = {int(k): v for k, v in json.loads(doc["stdout"]).items()}
    wrong = {"%d %s" % (number, name): "errno %s, expected %d" % (found.get(number), errnum)
             for number, (name, errnum) in wanted.items() if found.get(number) != errnum}
    assert not wrong


def test_the_prober_sees_what_is_not_refused(control):
    """Without the filter most of these calls reach the kernel: the prober would notice."""
    harmless = [29, 64, 68, 124, 135, 157, 206, 250, 253, 272, 284, 302, 310, 319, 425, 434]
    wanted = {number: expected("python").get(number) for number in harmless}
    control.lab(off="seccomp")
    doc = control.run(PROBER.replace("@NUMBERS@", repr(harmless)))
    found = {int(k): v for k, v in json.loads(doc["stdout"]).items()}
    differs = [n for n in harmless if wanted[n] is None or found[n] != wanted[n][1]]
    assert len(differs) > 10, found


@pytest.mark.parametrize("profile", PROFILES)
def test_names_that_behaviours_ask_for(profile):
    """Refused by name, not by omission."""
    by_name = {name: errnum for name, errnum in expected(profile).values()}
    for name in ("execveat fork vfork ptrace process_vm_readv process_vm_writev mount umount2 unshare setns bpf "
                 "perf_event_open io_uring_setup io_uring_enter io_uring_register userfaultfd keyctl add_key "
                 "request_key kexec_load kexec_file_load init_module finit_module delete_module "
                 "open_by_handle_at").split():
        if name in ("fork", "vfork") and profile in OF_PROCESSES:
            assert name not in by_name
        else:
            assert by_name[name] == 1, name
    assert by_name["socket"] == 97 and by_name["getxattr"] == 95 and by_name["clone3"] == 38


def test_node_allows_nothing_that_python_does_not():
    """What one of them refuses by name the other does too."""
    python, node = expected("python"), expected("node")
    assert set(python) < set(node)
    assert {n: node[n] for n in python if node[n] != python[n]} == {40: ("sendfile", 22)}


def test_what_profiles_of_others_allow_beyond_python():
    """Timers of POSIX, and what makes processes: nothing else."""
    python = {name for name, _ in expected("python").values()}
    more = {name: python - {n for n, _ in expected(name).values()} for name in ("generic", "shell", "compiler")}
    timers = {"timer_" + n for n in ("create", "delete", "getoverrun", "gettime", "settime")}
    assert more == {"generic": timers, "shell": timers | {"fork", "vfork", "setpgid", "setsid"}, "compiler": {"fork", "vfork"}}


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
# Those that a profile for processes allows.
OF_CLONE = ("clone of a process", "clone of a process with shared memory", "clone of a thread with CLONE_VFORK")
# Without sockets: these are refused whatever the arguments.
WITHOUT_SOCKETS = {"socketpair of AF_INET": 1, "socketpair of AF_ALG": 1, "socketpair of datagrams": 1, "SO_ATTACH_FILTER": 1,
             "SO_ATTACH_BPF": 1}


@pytest.mark.parametrize("profile", PROFILES)
def test_refused_by_argument(production, profile, more=None):
    rows = {name: row for name, row in BY_ARGUMENT.items() if profile not in OF_PROCESSES or name not in OF_CLONE}
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
""" % (rows,), language=PROFILES[profile], **(more or {}))
    found = json.loads(doc["stdout"])
    wanted = {name: row[2] for name, row in rows.items()}
    wanted.update(WITHOUT_SOCKETS if profile in ("node", "compiler") else {})
    wrong = {name: (found.get(name), errnum) for name, errnum in wanted.items() if found.get(name) != errnum}
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
        import os, signal, threading, time
        came = []
        def note(number, frame):
            came.append(number)
            print(signal.Signals(number).name)
        for s in (signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(s, note)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        while signal.SIGALRM not in came:
            time.sleep(0.01)
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


# The same of Node.js.
NODE_WORK = {
    "files": ("""
        const fs = require("fs"), path = require("path");
        const top = fs.mkdtempSync("/tmp/work-");
        const at = (name) => path.join(top, name);
        fs.writeFileSync(at("a"), "x".repeat(100000));
        fs.copyFileSync(at("a"), at("b"));
        fs.copyFileSync(at("a"), at("c"), fs.constants.COPYFILE_FICLONE);
        fs.mkdirSync(at("d/e"), { recursive: true });
        fs.writeFileSync(at("d/e/f"), "f");
        fs.cpSync(at("d"), at("g"), { recursive: true });
        fs.renameSync(at("b"), at("h"));
        fs.symlinkSync("a", at("link"));
        fs.linkSync(at("a"), at("hard"));
        fs.utimesSync(at("a"), 1, 1);
        fs.chmodSync(at("a"), 0o600);
        fs.truncateSync(at("h"), 3);
        fs.accessSync(at("h"));
        console.log(fs.readdirSync(top).join(), fs.statSync(at("a")).mtimeMs, fs.readFileSync(at("h"), "utf8"),
                    fs.realpathSync(at("link")) === at("a"), fs.readdirSync(at("g"), { recursive: true }).join());
        fs.rmSync(top, { recursive: true });
        console.log(fs.existsSync(top), fs.readFileSync("/etc/hostname", "utf8").trim());
    """, "a,c,d,g,h,hard,link 1000 xxx true e,e/f\nfalse sandbox\n"),
    "files_in_the_thread_pool": ("""
        const fs = require("fs");
        const { pipeline } = require("stream/promises");
        (async () => {
            await fs.promises.writeFile("a", "pool".repeat(50000));
            await fs.promises.copyFile("a", "b");
            await fs.promises.cp("b", "c");
            await pipeline(fs.createReadStream("c"), fs.createWriteStream("d"));
            const sizes = await Promise.all(["a", "b", "c", "d"].map(async (f) => (await fs.promises.stat(f)).size));
            const dir = [];
            for await (const entry of await fs.promises.opendir(".")) dir.push(entry.name);
            console.log(sizes.join(), dir.sort().join());
        })();
    """, "200000,200000,200000,200000 a,b,c,d,main.js\n"),
    "timers_and_promises": ("""
        const { setTimeout: sleep } = require("timers/promises");
        const seen = [];
        process.nextTick(() => seen.push("tick"));
        Promise.resolve().then(() => seen.push("micro"));
        const abort = new AbortController();
        setImmediate(() => {
            seen.push("immediate");
            const every = setInterval(() => { seen.push("every"); clearInterval(every); abort.abort(); }, 5);
        });
        sleep(60000, null, { signal: abort.signal }).catch((e) => console.log([...seen, e.name].join()));
    """, "tick,micro,immediate,every,AbortError\n"),
    "workers": ("""
        const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");
        if (isMainThread) {
            const shared = new Int32Array(new SharedArrayBuffer(8));
            const done = [0, 1, 2].map((n) => new Promise((resolve, reject) => {
                const worker = new Worker(__filename, { workerData: { n, shared } });
                worker.once("message", resolve).once("error", reject);
            }));
            Promise.all(done).then((answers) => console.log(answers.join(), Atomics.load(shared, 0)));
        } else {
            Atomics.add(workerData.shared, 0, 10);
            parentPort.postMessage(workerData.n ** 2);
        }
    """, "0,1,4 30\n"),
    "cryptography": ("""
        const c = require("crypto");
        const key = c.randomBytes(32), iv = c.randomBytes(12);
        const seal = c.createCipheriv("aes-256-gcm", key, iv);
        const sealed = Buffer.concat([seal.update("text"), seal.final()]);
        const open = c.createDecipheriv("aes-256-gcm", key, iv).setAuthTag(seal.getAuthTag());
        const pair = c.generateKeyPairSync("ed25519");
        const signed = c.verify(null, Buffer.from("m"), pair.publicKey, c.sign(null, Buffer.from("m"), pair.privateKey));
        console.log(c.createHash("sha256").update("x").digest("hex").slice(0, 4), open.update(sealed) + open.final(), signed,
                    c.randomUUID().length, c.pbkdf2Sync("p", "s", 1000, 16, "sha512").length);
        c.scrypt("p", "s", 16, (e, k) => c.webcrypto.subtle.digest("SHA-1", k).then((d) => console.log(e, d.byteLength)));
    """, "2d71 text true 36 16\nnull 20\n"),
    "compression": ("""
        const z = require("zlib");
        z.brotliCompress("br", (e, b) => z.gzip("gz", (e, g) => console.log(
            z.brotliDecompressSync(b) + z.gunzipSync(g) + z.inflateSync(z.deflateSync("df")))));
    """, "brgzdf\n"),
    "webassembly": ("""
        const code = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97,
                                     100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
        WebAssembly.instantiate(code).then((m) => {
            let sum = 0;
            for (let i = 0; i < 1e6; i++) sum = m.instance.exports.add(sum, i);
            const memory = new WebAssembly.Memory({ initial: 1, maximum: 100 });
            memory.grow(50);
            console.log(sum, memory.buffer.byteLength);
        });
    """, "1783293664 3342336\n"),
    "compiled_loops": ("""
        const sieve = new Uint8Array(2e6);
        let primes = 0;
        for (let i = 2; i < sieve.length; i++) {
            if (sieve[i]) continue;
            primes++;
            for (let k = i * 2; k < sieve.length; k += i) sieve[k] = 1;
        }
        const fib = (n) => n < 2 ? n : fib(n - 1) + fib(n - 2);
        console.log(primes, fib(27), (2n ** 200n % 1000007n).toString());
    """, "148933 196418 446616\n"),
    "garbage_collection": ("""
        let kept = [];
        for (let i = 0; i < 400; i++) {
            kept.push(Array.from({ length: 1000 }, (_, k) => ({ k, s: "s" + k })));
            if (kept.length > 50) kept = kept.slice(25);
        }
        const used = process.memoryUsage();
        console.log(kept.length > 0, used.rss > 1e7, used.heapUsed > 1e6, used.heapTotal < 5e8);
    """, "true true true true\n"),
    "standard_input": ("""
        const lines = [];
        require("readline").createInterface({ input: process.stdin })
            .on("line", (line) => lines.push(line)).on("close", () => console.log(lines.join()));
    """, "one,two\n"),
    "standard_input_at_once": ("""
        console.log(require("fs").readFileSync(0, "utf8").split("\\n").length);
    """, "3\n"),
    "own_state": ("""
        const os = require("os"), v8 = require("v8");
        console.log(process.getuid(), os.userInfo().username, process.cwd(), os.homedir(), os.tmpdir(), os.hostname(),
                    os.platform(), os.uptime() > 0, os.totalmem() > 0, os.loadavg().length, process.uptime() > 0,
                    process.resourceUsage().userCPUTime > 0, process.pid, process.execPath, process.argv.length);
        os.setPriority(5);
        process.title = "renamed";
        console.log(os.getPriority(), process.title, process.env.HOME, Object.keys(process.env).sort().join(),
                    v8.getHeapStatistics().heap_size_limit < 700 * 2 ** 20);
    """, "1000 sandbox /work /work /tmp sandbox linux true true 3 true true 2 /usr/bin/node 2\n"
         "5 renamed /work HOME,LANG,PATH,TMPDIR,TZ,UV_THREADPOOL_SIZE true\n"),
    "signals": ("""
        process.on("SIGUSR2", () => { console.log("caught"); process.exit(); });
        setTimeout(() => {}, 5000);
        process.kill(process.pid, "SIGUSR2");
    """, "caught\n"),
    "modules": ("""
        const vm = require("vm"), { createRequire } = require("module");
        import("path").then(({ posix }) => console.log(posix.join("a", "b"), vm.runInNewContext("1 + 1"),
            typeof createRequire("/work/x.js")("util").format, typeof structuredClone, new URL("http://x/a?b=1").search));
    """, "a/b 2 function function ?b=1\n"),
    "text_of_other_languages": ("""
        console.log(new Intl.NumberFormat("de").format(1234.5), "\\u00e4".localeCompare("z", "de") < 0,
            new Date(Date.UTC(2024, 6, 1, 12)).toLocaleString("en-GB", { timeZone: "Europe/Vienna" }),
            [..."a\\u0301\\u{1f600}"].length, new TextDecoder("utf-16le").decode(new Uint8Array([65, 0])));
    """, "1.234,5 true 01/07/2024, 14:00:00 3 A\n"),
    "profiler_and_report": ("""
        const { Session } = require("inspector");
        const session = new Session();
        session.connect();
        session.post("Profiler.enable");
        session.post("Profiler.start");
        for (let i = 0; i < 1e7; i++);
        session.post("Profiler.stop", (error, { profile }) => console.log(error, profile.nodes.length > 0));
        console.log(typeof process.report.getReport().header.cwd);
    """, "null true\nstring\n"),
    "process_creation_is_refused_plainly": ("""
        const c = require("child_process");
        for (const attempt of [() => c.execSync("true"), () => c.spawn("true"), () => c.fork("main.js"), () => c.exec("true"),
                               () => c.spawn("true", { stdio: "inherit" }), () => require("cluster").fork()]) {
            try {
                attempt();
                console.log("made a process");
            } catch (error) {
                console.log(error.code);
            }
        }
        console.log(c.spawnSync("true", { stdio: "inherit" }).error.code);
    """, "EPERM\n" * 7),
    "watching": ("""
        const fs = require("fs");
        try {
            fs.watch("/tmp");
        } catch (error) {
            console.log(error.code);
        }
        fs.writeFileSync("w", "1");
        fs.watchFile("w", { interval: 20 }, (now) => { console.log(now.size > 1); fs.unwatchFile("w"); clearInterval(again); });
        const again = setInterval(() => fs.appendFileSync("w", "2"), 60);
    """, "EPERM\ntrue\n"),
    "owners_and_privilege": ("""
        const fs = require("fs");
        fs.writeFileSync("f", "");
        for (const attempt of [() => fs.chownSync("f", 0, 0), () => process.setuid(0), () => process.setgroups([0]),
                               () => process.kill(1, 9)]) {
            try {
                attempt();
                console.log("did it");
            } catch (error) {
                console.log(error.code);
            }
        }
    """, "EPERM\n" * 4),
}
NODE_FIELDS = {"language": "javascript", "stdin": "one\ntwo\n"}


def test_work_without_io_uring(production):
    """Asked for it, libuv goes on with its thread pool."""
    program, output = NODE_WORK["files_in_the_thread_pool"]
    doc = production.run(textwrap.dedent(program), env={"UV_USE_IO_URING": "1"}, **NODE_FIELDS)
    assert (doc["stdout"], doc["stderr"], doc["exit_code"]) == (output, "", 0), doc


@pytest.mark.parametrize("language,name", [("python", n) for n in WORK] + [("node", n) for n in NODE_WORK])
def test_work(production, language, name):
    program, output = (WORK if language == "python" else NODE_WORK)[name]
    doc = production.run(textwrap.dedent(program), limits={"cpu_percent": 100, "wall_time_ms": 110000}, **({} if language == "python" else NODE_FIELDS))
    assert (doc["stdout"], doc["stderr"], doc["exit_code"]) == (output, "", 0), doc
    assert doc["isolation"]["seccomp"] == language


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
