"""The behaviours that users rely on, through nginx, with the executor as root and rootless, and with a real Docker Engine.

Numbers in the names are those of the list in docs/API.md, "Behaviours". 1 and 2 come with the risk score.
"""

import base64
import concurrent.futures
import json

import pytest


def outcome(doc):
    return doc["status"], doc["success"], doc["exit_code"], doc["termination"]["reason"]


def engine_of(stack):
    return "docker" if stack.name_of_engine == "docker" else "native"


CGROUPS = pytest.mark.needs_cgroups
SUCCESS = ("success", True, 0, "exited")


def test_03_network_is_out_of_reach(any_stack):
    doc = any_stack.run("""
import socket
for family, kind, address in ((socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 80)),
                              (socket.AF_INET, socket.SOCK_DGRAM, ("1.1.1.1", 53)),
                              (socket.AF_INET6, socket.SOCK_STREAM, ("::1", 80))):
    try:
        socket.socket(family, kind).connect(address)
        print("reached", address)
    except OSError as e:
        print("refused", e.errno)
try:
    print("reached", socket.getaddrinfo("localhost.example", 80))
except OSError:
    print("refused dns")
""")
    assert outcome(doc) == SUCCESS, doc
    assert doc["stdout"].splitlines() == ["refused 97"] * 3 + ["refused dns"]
    usage = doc["resource_usage"]
    assert (usage["network_rx_bytes"], usage["network_tx_bytes"]) == (0, 0)
    assert doc["isolation"]["network"] == "none"


def test_04_only_the_writable_places_can_be_written(any_stack):
    doc = any_stack.run("""
import os
for path in ("/etc/hostname", "/etc/passwd"):
    print("read", path, len(open(path).read()) > 0)
for place in ("/", "/etc", "/usr", "/usr/lib", "/bin", "/dev", "/proc", "/tmp", "/dev/shm", "."):
    try:
        with open(os.path.join(place, "probe"), "w") as f:
            f.write("x")
        print("wrote", place)
    except OSError as e:
        print("refused", place, e.errno)
""")
    assert outcome(doc) == SUCCESS, doc
    lines = doc["stdout"].splitlines()
    assert lines[:2] == ["read /etc/hostname True", "read /etc/passwd True"]
    assert [l for l in lines if l.startswith("wrote")] == ["wrote /tmp", "wrote /dev/shm", "wrote ."]
    refused = {l.split()[1]: int(l.split()[2]) for l in lines if l.startswith("refused")}
    assert set(refused) == {"/", "/etc", "/usr", "/usr/lib", "/bin", "/dev", "/proc"}
    assert set(refused.values()) <= {30, 13, 2}, refused  # EROFS, EACCES; no file can be made in /proc


def test_04_tmp_and_the_working_directory_share_one_allowance(any_stack):
    doc = any_stack.run("""
def fill(path):
    n = 0
    try:
        with open(path, "wb", buffering=0) as f:
            while n < 300:
                f.write(bytes(1 << 20)); n += 1
    except OSError as e:
        return n, e.errno
    return n, 0
a = fill("/tmp/a"); b = fill("b")
print(a[0] + b[0], a[1], b[1])
""", limits={"file_bytes": 200 << 20, "memory_bytes": 1 << 30})
    total, first, second = map(int, doc["stdout"].split())
    assert (first, second) == (28, 28) and 95 <= total <= 101, doc["stdout"]


def test_05_killed_at_the_timeout(any_stack):
    doc = any_stack.run("print('before', flush=True)\nwhile True: pass", timeout=4)
    assert outcome(doc) == ("failed", False, None, "wall_time"), doc
    assert doc["signal"] == "SIGKILL" and doc["stdout"] == "before\n"
    assert doc["termination"]["limit"] == 4000 and doc["termination"]["peak"] >= 4000
    assert "time" in doc["error"] and doc["termination"]["hint"]
    assert "wall_time_ms" in doc["termination"]["limits_hit"]


def test_06_listing_the_root_works(any_stack):
    doc = any_stack.run('import os; print(os.listdir("/"))')
    assert outcome(doc) == SUCCESS, doc
    assert "'usr'" in doc["stdout"] and "permission denied" not in (doc["stdout"] + doc["stderr"]).lower()


def test_07_hello(any_stack):
    doc = any_stack.run('print("hello")')
    assert outcome(doc) == SUCCESS and doc["stdout"] == "hello\n" and doc["stderr"] == "", doc
    assert doc["error"] is None and doc["signal"] is None and doc["engine"] == engine_of(any_stack)
    assert doc["runtime"]["language"] == "python" and doc["runtime"]["version"].startswith("3.")
    assert doc["stdout_bytes"] == 6 and not doc["stdout_truncated"] and doc["stdout_encoding"] == "utf8"


def test_08_numpy_pandas_matplotlib(any_stack):
    doc = any_stack.run("""
import numpy as np, pandas as pd
print(np.mean([1, 2, 3, 4, 5]))
print(pd.DataFrame({"a": [1, 2, 3, 4, 5]})["a"].mean())
a = np.random.default_rng(1).random((200, 200)); print(np.allclose(a @ np.linalg.inv(a), np.eye(200)))
import matplotlib.pyplot as plt
plt.plot([1, 2, 3]); plt.savefig("/tmp/plot.png"); print(open("/tmp/plot.png", "rb").read(4))
""", timeout=60)
    assert outcome(doc) == SUCCESS, doc
    assert doc["stdout"].splitlines() == ["3.0", "3.0", "True", "b'\\x89PNG'"]


@pytest.mark.needs_cgroups
def test_09_usage_is_measured(any_stack):
    doc = any_stack.run("x = bytearray(50 << 20)\nfor i in range(10**6): pass")
    usage = doc["resource_usage"]
    assert 50 < usage["memory_usage_mb"] < 400, usage
    assert usage["memory_peak_bytes"] > 50 << 20
    assert usage["cpu_percent"] > 0 and usage["execution_time"] > 0 and usage["wall_time_ms"] > 0
    assert usage["cpu_user_ms"] + usage["cpu_system_ms"] > 5
    # Docker on cgroup v1 has no such figure.
    assert usage["processes_peak"] == 1 or (engine_of(any_stack) == "docker" and usage["processes_peak"] is None)
    timings = doc["timings"]
    assert timings["start"] in ("warm", "ahead", "cold") and timings["setup_ms"] >= 0 and timings["run_ms"] > 0


def test_10_parallel_runs_do_not_disturb_each_other(any_stack):
    def one(i):
        return any_stack.run("""
import os, time, sys
open("/tmp/mine", "w").write(sys.argv[1]); open("mine", "w").write(sys.argv[1])
time.sleep(0.2)
print(open("/tmp/mine").read(), open("mine").read(), sorted(os.listdir("/tmp")), sorted(os.listdir(".")))
""", args=[str(i)])["stdout"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(12)))
    assert answers == ["%d %d ['mine'] ['main.py', 'mine']\n" % (i, i) for i in range(12)]


@pytest.mark.parametrize("code", [
    "print(1)", "raise SystemExit(3)", "import os; os.abort()", "import os; os.kill(os.getpid(), 9)",
    "x = []\nwhile True: x.append(bytearray(1 << 20))", "open('/tmp/left', 'w').write('x' * 100000)",
    "import threading, time\nfor _ in range(20): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
])
def test_11_nothing_is_left(any_stack, code):
    before = any_stack.rest()
    any_stack.run(code, limits={"memory_bytes": 64 << 20}, timeout=5)
    any_stack.settle(before)


def test_12_stderr_apart_from_stdout(any_stack):
    code = "import sys\nprint('out')\nsys.stdout.flush()\nprint('err', file=sys.stderr)"
    doc = any_stack.run(code)
    assert (doc["stdout"], doc["stderr"]) == ("out\n", "err\n")
    merged = any_stack.run(code + "\nsys.stderr.flush()\nprint('again')", merge_stderr=True)
    assert (merged["stdout"], merged["stderr"]) == ("out\nerr\nagain\n", "")


def test_13_syntax_error(any_stack):
    doc = any_stack.run("print('a'\nprint('b')")
    assert outcome(doc) == ("failed", False, 1, "exited"), doc
    assert "SyntaxError" in doc["stderr"] and 'File "/work/main.py"' in doc["stderr"]


def test_14_runtime_error(any_stack):
    doc = any_stack.run("1 / 0")
    assert outcome(doc) == ("failed", False, 1, "exited"), doc
    assert "ZeroDivisionError: division by zero" in doc["stderr"] and "Traceback" in doc["stderr"]


def test_15_empty_code(any_stack):
    doc = any_stack.run("")
    assert outcome(doc) == SUCCESS and doc["stdout"] == "" and doc["stderr"] == "", doc


def test_16_large_output_is_cut_and_told(any_stack):
    doc = any_stack.run("import sys\nsys.stdout.write('a' * 1_000_000 + 'b' * 3_000_000 + 'c' * 1_000_000)")
    assert outcome(doc) == SUCCESS, doc["termination"]
    assert doc["stdout_truncated"] and doc["stdout_bytes"] == 5_000_000
    assert len(doc["stdout"]) == 1 << 20
    half = 1 << 19
    assert doc["stdout"][:half] == "a" * half and doc["stdout"][-half:] == "c" * half
    assert "output_bytes" in doc["termination"]["limits_hit"]


def test_16_flood_is_ended(any_stack):
    doc = any_stack.run("while True: print('x' * 65536)", timeout=60)
    assert outcome(doc)[3] == "output" and not doc["success"], doc["termination"]
    assert doc["stdout_bytes"] > 64 << 20 and len(doc["stdout"]) <= 1 << 20


# ---- how it ended, exactly --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code, fields, reason, exit_code, signal", [
    ("raise SystemExit(7)", {}, "exited", 7, None),
    ("import os; os._exit(255)", {}, "exited", 255, None),
    ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", {}, "signaled", None, "SIGTERM"),
    ("import os; os.kill(os.getpid(), 9)", {}, "signaled", None, "SIGKILL"),
    ("import os; os.abort()", {}, "signaled", None, "SIGABRT"),
    ("import ctypes; ctypes.string_at(0)", {}, "signaled", None, "SIGSEGV"),
    ("raise SystemExit(137)", {}, "exited", 137, None),
    pytest.param("x = []\nwhile True: x.append(bytearray(1 << 20))", {"limits": {"memory_bytes": 48 << 20}}, "memory",
                 None, "SIGKILL", marks=CGROUPS),
    pytest.param("while True: pass", {"limits": {"cpu_time_ms": 200}, "timeout": 30}, "cpu_time", None, "SIGKILL",
                 marks=CGROUPS),
    ("import time; time.sleep(60)", {"timeout": 0.5}, "wall_time", None, "SIGKILL"),
    pytest.param("import threading, time\nfor _ in range(50):\n t = threading.Thread(target=time.sleep, args=(1,)); "
                 "t.start()", {"limits": {"processes": 20}}, "processes", 1, None, marks=CGROUPS),
    # As the runtimes of C++ and Node end when a thread cannot be started.
    pytest.param("import os, threading, time\ntry:\n for _ in range(50): threading.Thread(target=time.sleep, args=(1,)).start()\n"
                 "except RuntimeError: os.abort()", {"limits": {"processes": 20}}, "processes", None, "SIGABRT", marks=CGROUPS),
    ("import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\nopen('big', 'wb').write(bytes(200000))",
     {"limits": {"file_bytes": 65536}}, "file_size", None, "SIGXFSZ"),
    ("import ctypes; ctypes.CDLL(None).syscall(0x40000000 + 39)", {}, "seccomp", None, "SIGSYS"),
    # Sent to itself, which cannot be told apart: the texts are true of both.
    ("import os, signal; signal.signal(25, signal.SIG_DFL); os.kill(os.getpid(), 25)", {}, "file_size", None, "SIGXFSZ"),
    ("import os; os.kill(os.getpid(), 31)", {}, "seccomp", None, "SIGSYS"),
])
def test_reason(any_stack, code, fields, reason, exit_code, signal):
    doc = any_stack.run(code, **fields)
    assert (doc["termination"]["reason"], doc["exit_code"], doc["signal"]) == (reason, exit_code, signal), doc
    assert not doc["success"] and doc["status"] == "failed" and doc["error"]
    if reason in ("file_size", "seccomp"):
        assert "ended by %s, which the kernel sends for" % signal in doc["error"]
        assert "signal to itself" in doc["termination"]["hint"]


def test_output_is_bytes(any_stack):
    doc = any_stack.run("import sys\nsys.stdout.buffer.write(bytes(range(256)))")
    assert doc["stdout_encoding"] == "base64" and base64.b64decode(doc["stdout"]) == bytes(range(256))
    doc = any_stack.run("import sys\nsys.stdout.buffer.write('a\\0\\x1b[31m<b>\\u2028é'.encode())")
    assert doc["stdout_encoding"] == "utf8" and doc["stdout"] == "a\0\x1b[31m<b>\u2028é"


@pytest.mark.parametrize("start", ["warm", "cold"])
def test_what_comes_in_is_not_bounded_by_what_may_be_written(either_stack, start):
    """The limit is the program's: its own files, and its stdin, may be larger."""
    code = "import os, sys\nprint(os.path.getsize('data.txt'), len(sys.stdin.read()), sys.stdin.fileno())\nopen('out', 'wb').write(bytes(9000))"
    doc = either_stack.run(files=[{"path": "main.py", "content": code}, {"path": "data.txt", "content": "x" * 200000}], stdin="y" * 9000,
                           limits={"file_bytes": 4096}, args=[] if start == "warm" else ["x"])
    assert doc["stdout"] == "200000 9000 0\n" and "File too large" in doc["stderr"], doc


def test_stdin_is_a_file(either_stack):
    """It can be read again, by its name too, and from its end there is nothing to be had."""
    for args in ([], ["cold"]):
        doc = either_stack.run("import os, sys\nprint(sys.stdin.read(), open('/dev/stdin').read(), os.lseek(0, 1, 0), os.read(0, 9), os.read(0, 9))\n"
                               "try: os.write(0, b'x')\nexcept OSError as e: print(e)", stdin="abc", args=args)
        assert doc["stdout"] == "abc abc 1 b'bc' b''\n[Errno 9] Bad file descriptor\n", doc


@pytest.mark.parametrize("merged", [False, True], ids=["apart", "merged"])
def test_streams_have_names(any_stack, merged):
    """/dev/stdout and /dev/stderr can be opened, as shells, awk and to_csv("/dev/stdout") do, warm and cold."""
    for args in ([], ["cold"]):
        doc = any_stack.run("open('/dev/stdout', 'w').write('out ')\nopen('/dev/stderr', 'a').write('err ')\nprint('end')",
                            merge_stderr=merged, args=args)
        assert (doc["stdout"], doc["stderr"]) == (("out err end\n", "") if merged else ("out end\n", "err ")), doc


def test_stdin_args_env_files(any_stack):
    doc = any_stack.run(
        "import sys, os, helper, pkg.mod\n"
        "print(sys.argv, sys.stdin.read(), os.environ['COLOUR'], helper.X, pkg.mod.Y, open('data.txt').read())",
        stdin="line\n", args=["-x", "two words", ""], env={"COLOUR": "blue"},
        files=[{"path": "helper.py", "content": "X = 1"}, {"path": "pkg/mod.py", "content": "Y = 2"},
               {"path": "data.txt", "content": "é"}])
    assert doc["stdout"] == "['main.py', '-x', 'two words', ''] line\n blue 1 2 é\n", doc
    doc = any_stack.run(files=[{"path": "start.py", "content": "import sys; print(sys.argv[0])"}])
    assert doc["stdout"] == "start.py\n"
    doc = any_stack.run(files=[{"path": "-c.py", "content": "print('entry')"}])
    assert doc["stdout"] == "entry\n"


@pytest.mark.needs_cgroups
def test_isolation_is_attested(any_stack):
    isolation = any_stack.run("print(1)")["isolation"]
    rootless = any_stack.executor != "root"
    if engine_of(any_stack) == "docker":  # ids are those of the image's user, and /proc is the Engine's
        assert (isolation["uid"], isolation.pop("missing")) == ("shared", ["private_uid", "proc"])
        isolation.update(uid="private", missing=[])
    assert sorted(isolation["namespaces"]) == sorted(["user", "mount", "pid", "net", "ipc", "uts", "cgroup"])
    assert isolation["seccomp"] == "python" and isolation["no_new_privs"] and isolation["capabilities"] == []
    assert isolation["rootfs"] == "ro" and sorted(isolation["cgroup"]) == ["cpu", "memory", "pids"]
    assert isolation["uid"] == ("shared" if rootless else "private")
    assert isolation["missing"] == (["private_uid"] if rootless else [])


@pytest.mark.needs_root
def test_rootless_with_a_range_has_two_ids(make_stack):
    doc = make_stack(executor="rootless-range").run("import os; print(os.getuid(), os.stat('/work').st_uid)")
    assert doc["stdout"] == "1000 1000\n" and doc["isolation"]["uid"] == "private"
    assert doc["isolation"]["missing"] == []


def test_rootless_without_cgroups_is_refused_unless_named(make_stack):
    allowed = make_stack(executor="rootless", delegate=False)
    doc = allowed.run("print(1)")
    assert doc["isolation"]["cgroup"] == [] and doc["resource_usage"]["memory_peak_bytes"] is None
    assert set(doc["isolation"]["missing"]) >= {"cgroup_memory", "cgroup_pids", "cgroup_cpu"}
    doc = allowed.run("while True: pass", limits={"cpu_time_ms": 1000}, timeout=60)  # RLIMIT_CPU, whole seconds
    assert doc["termination"]["reason"] == "cpu_time" and doc["signal"] in ("SIGXCPU", "SIGKILL"), doc["termination"]


def test_program_sees_a_clean_process(any_stack):
    doc = any_stack.run("""
import os, json, sys, signal
print(json.dumps({
    "env": sorted(os.environ), "fds": sorted(os.listdir("/proc/self/fd")), "pid": os.getpid(), "ppid": os.getppid(),
    "uid": os.getresuid(), "gid": os.getresgid(), "sid": os.getsid(0), "cwd": os.getcwd(), "umask": os.umask(0),
    "host": os.uname().nodename, "tty": os.isatty(0), "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, []))}))
""")
    seen = json.loads(doc["stdout"])
    assert seen["fds"] == ["0", "1", "2", "3"]  # 3 is the listing itself
    # In a container the threads of the OCI runtime have had the numbers before.
    pid = seen["pid"] if engine_of(any_stack) == "docker" else 2
    assert (seen["pid"], seen["ppid"], seen["sid"]) == (pid, 1, pid) and pid > 1
    assert seen["uid"] == seen["gid"] == [1000, 1000, 1000] and seen["cwd"] == "/work"
    assert seen["host"] == "sandbox" and not seen["tty"] and seen["blocked"] == 0 and seen["umask"] == 0o22
    assert not [name for name in seen["env"] if name.startswith(("SG_", "SANDGATE", "HTTP_", "LISTEN_"))]
