"""The command `sandgate`, with a service and with an executor of its own."""

import json
import os
import re
import signal
import subprocess
import time

import pytest

from procfs import descendants, process_table
from stack import BUILD, NOBODY, ROOT, wait_until

WAYS = ["service", "embedded"] + (["embedded-rootless"] if ROOT else [])
USAGE, TIMED_OUT, FAILED = 2, 124, 125


class Cli:
    """Runs stack's sandgate with a configuration; files are written to a directory of the test."""

    def __init__(self, stack, directory, way):
        self.stack, self.dir, self.way = stack, directory, way
        self.prefix = stack.as_user(NOBODY) if way == "embedded-rootless" else []
        self.config = stack.path("conf", "sandgate.conf")
        os.chmod(directory, 0o755)
        if way != "service":
            self.config = self.private_config()

    def private_config(self):
        with open(self.config) as f:
            lines = [line for line in f if not re.match(r"\s*(socket|socket_mode|peers|allow_missing)\b", line)]
        text = "".join(lines).replace('cgroup = "%s"' % self.stack.name, 'cgroup = "%s-cli"' % self.stack.name)
        if self.way == "embedded-rootless" or not ROOT:
            text += "native {\n allow_missing = { landlock, private_uid, cgroup_memory, cgroup_pids, cgroup_cpu }\n}\n"
        return self.write("private.conf", text)

    def write(self, name, content):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        with open(path, "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)
        return path

    def command(self, *args):
        """Programs are run without a risk score, unless the arguments name a policy: most of them import sys."""
        args = list(map(str, args))
        if "run" in args[:3] and "--policy" not in args and "--help" not in args:
            args.insert(args.index("run") + 1, "--no-validate")
        return self.prefix + [self.stack.path("bin", "sandgate"), *args]

    def start(self, *args, **kw):
        env = {"PATH": "/usr/bin:/bin", "SANDGATE_CONFIG": self.config}
        return subprocess.Popen(self.command(*args), cwd=self.dir, env=env, stdin=kw.pop("stdin", subprocess.DEVNULL),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kw)

    def __call__(self, *args, input=None):
        with self.start(*args, stdin=subprocess.PIPE if input is not None else subprocess.DEVNULL) as p:
            out, err = p.communicate(input, timeout=120)
        return p.returncode, out, err

    def run(self, code, *args, **kw):
        return self("run", *args[: args.index("--")] if "--" in args else args, self.write("main.py", code),
                    *args[args.index("--"):] if "--" in args else (), **kw)


@pytest.fixture(params=WAYS)
def cli(stack, tmp_path, request):
    own = [p for p in (tmp_path, *tmp_path.parents) if "pytest-of-" in str(p)]  # one more of them with xdist
    for parent in own:
        os.chmod(parent, 0o755)
    return Cli(stack, str(tmp_path), request.param)


@pytest.fixture
def service_cli(stack, tmp_path):
    return Cli(stack, str(tmp_path), "service")


def test_output_and_status_are_the_programs(cli):
    code = ("import sys\nsys.stdout.buffer.write(bytes(range(256)) * 3)\n"
            "sys.stderr.buffer.write(bytes(range(255, -1, -1)))\nsys.exit(7)")
    assert cli.run(code) == (7, bytes(range(256)) * 3, bytes(range(255, -1, -1)))
    assert cli.run("") == (0, b"", b"")
    status, out, err = cli.run("1/0")
    assert (status, out) == (1, b"") and b"ZeroDivisionError" in err and b"main.py" in err


def test_stdin_args_env(cli):
    code = "import sys, os\nprint(sys.argv[1:], os.environ.get('MODE'), sys.stdin.buffer.read())"
    assert cli.run(code) == (0, b"[] None b''\n", b"")
    assert cli.run(code, input=b"not asked for") == (0, b"[] None b''\n", b"")
    status, out, _ = cli.run(code, "--stdin", "-", "--env", "MODE=a=b", "--", "-v", "--json", "", "\u00e4",
                             input=b"x\0\xff")
    assert (status, out) == (0, "['-v', '--json', '', '\u00e4'] a=b b'x\\x00\\xff'\n".encode())
    assert cli.run(code, "-i", cli.write("input", b"from a file"))[1] == b"[] None b'from a file'\n"


def test_files_and_names(cli):
    cli.write("data/x.csv", "1,2")
    other = cli.write("elsewhere/y.txt", "yy")
    code = ("import sys; print(sys.argv[0], open('data/x.csv').read(), open('y.txt').read(), open('z/w').read())")
    got = cli("run", cli.write("my-script.py", code), "-f", "data/x.csv", "-f", other, "--file", "z/w=" + other)
    assert got == (0, b"my-script.py 1,2 yy yy\n", b"")
    assert cli("run", "-l", "python3", cli.write("noextension", "import sys; print(sys.argv[0])"))[1] == b"main.py\n"
    assert cli("run", "-l", "py", "-", input=b"print(5)") == (0, b"5\n", b"")


def test_refused_calls_are_told(cli):
    code = "import socket\nfor _ in range(2):\n    try:\n        socket.socket()\n    except OSError:\n        pass\nprint(1)"
    assert cli.run(code, "--trace-denied-syscalls") == (0, b"1\n", b"sandgate: refused system calls: socket 2\n")
    assert cli.run("print(2)", "--trace-denied-syscalls") == (0, b"2\n", b"sandgate: refused system calls: none\n")
    status, _, err = cli.run("print(2)", "--trace-denied-syscalls", "--engine", "docker")
    assert status == 2 and b"the native engine alone" in err


def test_merged_stderr(cli):
    code = "import sys\nfor i in range(3):\n print(i, flush=True); print('e', i, file=sys.stderr, flush=True)"
    assert cli.run(code, "--merge-stderr") == (0, b"0\ne 0\n1\ne 1\n2\ne 2\n", b"")


@pytest.mark.parametrize("code, args, status, said", [
    ("import time; time.sleep(60)", ["-t", "0.5"], TIMED_OUT, "time limit"),
    ("while True: pass", ["--limit", "cpu_time_ms=300ms", "-L", "cpu_percent=100"], TIMED_OUT, "CPU time"),
    ("import os; os.kill(os.getpid(), 11)", [], 128 + 11, "SIGSEGV"),
    ("import os; os.abort()", [], 128 + 6, "SIGABRT"),
    ("f = open('big', 'wb')\nwhile True: f.write(b'x' * 65536)", ["-L", "file_bytes=1m"], None, "file"),
    ("while True: print('x' * 100000)", ["-t", "60"], 128 + 9, "output"),
])
def test_stopped_from_outside(cli, code, args, status, said):
    got, _, err = cli.run(code, *args)
    if status is not None:
        assert got == status, err
    assert re.search(rb"^sandgate: .*" + said.encode(), err, re.M) or status is None, err
    assert err.count(b"sandgate: ") <= 2, err


def test_memory(service_cli):
    status, _, err = service_cli.run("x = bytearray(300 << 20); print(sum(x[::4096]))", "-L", "memory_bytes=64m")
    if not ROOT:  # nobody has delegated a cgroup to us, and the stack's configuration lets it be missing
        assert status == 0 and "cgroup_memory" in service_cli.stack.run("")["isolation"]["missing"]
        return
    assert status == 128 + 9 and b"ran out of its memory" in err and b"64.0 MiB" in err, (status, err)


def test_cut_output(cli):
    status, out, err = cli.run("print('a' * 99999)\nprint('b' * 99999)", "-L", "output_bytes=1k")
    assert status == 0 and out == b"a" * 512 + b"b" * 511 + b"\n"
    assert err == (b"sandgate: stdout is cut: of 200000 bytes the first 512 and the last 512 are here "
                   b"(--limit output_bytes)\n")


def test_json_is_the_services_document(cli):
    status, out, err = cli.run("print('hi'); raise SystemExit(3)", "--json", "--id", "my-run")
    doc = json.loads(out)
    assert (status, err) == (3, b"")
    assert out.endswith(b"}\n") and out.count(b"\n") == 1
    assert (doc["id"], doc["stdout"], doc["exit_code"], doc["success"]) == ("my-run", "hi\n", 3, False)
    http = cli.stack.run("print('hi'); raise SystemExit(3)")
    assert doc.keys() == http.keys()
    for member in ("termination", "resource_usage", "isolation", "timings", "runtime"):
        assert doc[member].keys() == http[member].keys()
    if cli.way == "embedded-rootless":
        assert set(doc["isolation"]["missing"]) >= {"cgroup_memory", "cgroup_pids", "cgroup_cpu"}
    else:
        assert doc["isolation"] == http["isolation"]


def steady(runtimes):
    """Without what changes from moment to moment."""
    for template in (t for runtime in runtimes for t in runtime["templates"]):
        for name in ("state", "waiting", "clones", "reason"):
            del template[name]
    for runtime in runtimes:  # a private executor, which is there for one run, has none
        del runtime["templates"]
    return runtimes


def test_runtimes(cli):
    status, out, err = cli("runtimes", "--json")
    assert (status, err) == (0, b"")
    assert steady(json.loads(out)) == steady(cli.stack.get("/v1/runtimes").json)
    status, out, err = cli("runtimes")
    assert (status, err) == (0, b"")
    assert re.search(rb"^javascript \d+\.\d+\.\d+\n  names: +js, node, nodejs, node-js\n  files: +\*\.js, \*\.mjs, \*\.cjs\n"
                     rb"  packages: v8 \d.*\n  start: .*\npython 3\.\d+\.\d+\n  names: +python3, py\n  files: +\*\.py\n  packages: numpy \d.*\n  start:", out), out


def test_version_of(cli):
    assert cli.run("print(1)", "--version-of", "3") == (0, b"1\n", b"")
    status, out, err = cli.run("print(1)", "--version-of", "2.7")
    assert (status, out) == (USAGE, b"") and b"no version 2.7 of python; there is 3." in err


@pytest.mark.parametrize("args, said", [
    ([], "which command"),
    (["frobnicate"], "no command frobnicate"),
    (["--frobnicate"], "frobnicate"),
    (["run"], "which file"),
    (["run", "--frobnicate", "main.py"], "frobnicate"),
    (["run", "nonexistent.py"], "cannot read nonexistent.py"),
    (["run", "main.txt"], "name one with --language"),
    (["run", "-l", "cobol", "main.py"], "no such runtime"),
    (["run", "-L", "memory_bytes=64g", "main.py"], "limit memory_bytes"),
    (["run", "-L", "memory_bytes=1", "main.py"], "limit memory_bytes"),
    (["run", "-L", "memory_bytes=many", "main.py"], "no number"),
    (["run", "-L", "magic=1", "main.py"], "no such limit"),
    (["run", "-L", "wall_time_ms", "main.py"], "not NAME=VALUE"),
    (["run", "-t", "-1", "main.py"], "no number of seconds"),
    (["run", "-t", "nan", "main.py"], "no number of seconds"),
    (["run", "-t", "1000", "main.py"], "limit wall_time_ms"),
    (["run", "-t", "1", "-L", "wall_time_ms=1s", "main.py"], "the same"),
    (["run", "-e", "X", "main.py"], "not NAME=VALUE"),
    (["run", "-e", "LD_PRELOAD=x", "main.py"], "LD_PRELOAD"),
    (["run", "-f", "../x=main.py", "main.py"], "../x"),
    (["run", "-f", "main.py", "main.py"], "one of that name"),
    (["run", "-f", "/nonexistent/x", "main.py"], "/nonexistent/x"),
    (["run", "-i", "/nonexistent/x", "main.py"], "/nonexistent/x"),
    (["run", "-i", "-", "-l", "py", "-"], "at once"),
    (["run", "--id", "x" * 65, "main.py"], "--id"),
    (["run", "--id", "a\nb", "main.py"], "printable"),
    (["run", "main.py", "--"] + ["x"] * 257, "257 arguments"),
    (["run", "main.py", "--", "x" * 70000], "too long"),
    (["run", "-i", "big", "main.py"], "big: has more than"),
    (["run", "big.py"], "big.py: has more than"),
    (["run", "main.py"] + ["--file=f%d=full" % i for i in range(4)], "together; allowed: at most 8388608"),
    (["runtimes", "all"], "takes no all"),
], ids=lambda v: "-" if isinstance(v, list) else v.replace(" ", "_"))
def test_wrong_usage(service_cli, args, said):
    service_cli.write("main.py", "print('it ran')")
    service_cli.write("main.txt", "")
    service_cli.write("big", b"x" * ((4 << 20) + 1))
    service_cli.write("big.py", b"#" * ((2 << 20) + 1))
    service_cli.write("full", b"#" * (2 << 20))
    status, out, err = service_cli(*args)
    assert (status, out) == (USAGE, b""), err
    assert said.encode() in err, err


def test_service_failed(service_cli):
    program = service_cli.write("main.py", "print(1)")
    status, out, err = service_cli("--config", "/nonexistent.conf", "run", program)
    assert (status, out) == (FAILED, b"") and b"/nonexistent.conf" in err
    with open(service_cli.config) as f:
        text = f.read().replace("native.sock", "nobody.sock")
    config = service_cli.write("away.conf", text)
    for args in (["-c", config, "run", program], ["run", "-c", config, program], ["-c", config, "runtimes"]):
        status, out, err = service_cli(*args)
        assert (status, out) == (FAILED, b"") and b"nobody.sock" in err and b"start sandgate-native" in err, err
    status, out, err = service_cli("-c", config, "run", "--json", program)
    assert (status, err, json.loads(out)["code"]) == (FAILED, b"", "executor_unreachable")


def test_step_that_fails(make_stack, tmp_path):
    cli = Cli(make_stack(lab=True), str(tmp_path), "service")
    steps = subprocess.run([os.path.join(BUILD, "sandgate-native-lab"), "--list-steps"], check=True,
                           capture_output=True, text=True).stdout.split()
    cli.stack.lab(fail=steps[len(steps) // 2])
    status, out, err = cli.run("print(1)")
    assert (status, out) == (FAILED, b"") and err.startswith(b"sandgate: "), err
    status, out, err = cli.run("print(1)", "--json")
    assert (status, err, json.loads(out)["status"]) == (FAILED, b"", 503)


def all_of(cli, process):
    """The processes of its run, as far as they can be told: of the service's boxes, or its own descendants."""
    if cli.way == "service":
        return cli.stack.box_pids()
    table = process_table()
    return [p for p in descendants(process.pid) if p != process.pid and p in table]


def until_it_runs(cli, process):
    def there():
        table = process_table()
        return any(table.get(p, ("", "", ""))[2].startswith("python3") for p in all_of(cli, process))

    wait_until(there, what="the program")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupt_cancels(cli, number):
    program = cli.write("main.py", "import time, signal\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(60)")
    with cli.start("run", program) as p:
        until_it_runs(cli, p)
        pids = all_of(cli, p)
        p.send_signal(number)
        out, err = p.communicate(timeout=10)
    assert (p.returncode, out) == (128 + number, b""), err
    wait_until(lambda: not set(pids) & set(all_of(cli, p)) and not [q for q in pids if cli.way != "service" and
               q in process_table()], timeout=10, what="the end of all processes")


def test_killed_command_leaves_nothing(cli):
    program = cli.write("main.py", "import time\ntime.sleep(60)")
    with cli.start("run", program) as p:
        until_it_runs(cli, p)
        pids = all_of(cli, p)
        p.kill()
        p.wait()
        wait_until(lambda: not [q for q in pids if process_table().get(q, ("", "Z"))[1] != "Z"], timeout=10,
                   what="the end of all processes")


def test_help_is_whole(service_cli):
    status, out, err = service_cli("run", "--help")
    assert (status, err) == (0, b"")
    for limit in service_cli.stack.get("/v1/limits").json["limits"]:
        assert limit.encode() in out
    for word in (b"--stdin", b"--timeout", b"124", b"125", b"126", b"128+N", b"--no-validate"):
        assert word in out
    assert max(map(len, out.splitlines())) <= 100
    for args in (["--help"], ["-h"], ["runtimes", "--help"], ["validate", "--help"]):
        status, out, err = service_cli(*args)
        assert (status, err) == (0, b"") and out.startswith(b"Usage: sandgate")
    status, out, _ = service_cli("--version")
    assert status == 0 and re.fullmatch(rb"sandgate \d+\.\d+\.\d+\S*\n", out)


def test_reader_that_leaves(service_cli):
    """As in `sandgate run … | head -c 1`."""
    program = service_cli.write("main.py", "print('x' * 900000)")
    with service_cli.start("run", program) as p:
        p.stdout.close()
        p.wait(30)
        err = p.stderr.read()
    assert p.returncode in (-signal.SIGPIPE, FAILED), (p.returncode, err)


def test_many_at_once(service_cli):
    """More than slots and queue: each gets its own output or an honest refusal."""
    programs = [service_cli.write("p%d.py" % i, "print(%d)" % i) for i in range(24)]
    running = [service_cli.start("run", p) for p in programs]
    good = 0
    for i, p in enumerate(running):
        with p:
            out, err = p.communicate(timeout=60)
        if p.returncode == 0:
            assert out == b"%d\n" % i
            good += 1
        else:
            assert p.returncode == FAILED and out == b"" and b"queue" in err, (p.returncode, err)
    assert good >= 12
    time.sleep(0.1)


# ---- the risk score ----------------------------------------------------------------------------------------------


def test_run_scores_first(cli):
    assert cli.run("print(1)", "--policy", "strict") == (0, b"1\n", b"")
    status, out, err = cli.run("import os\nprint(os.getpid())", "--policy", "strict")
    assert (status, out) == (126, b"") and b"risk score is 30" in err and b"python.import.os, line 1" in err
    assert cli.run("import os\nprint(os.sep)", "--policy", "balanced") == (0, b"/\n", b"")
    status, out, err = cli.run("import os", "--json", "--policy", "strict")
    assert status == 126 and json.loads(out)["status"] == "rejected", err


def test_run_scores_by_default(service_cli):
    program = service_cli.write("main.py", "import os")
    done = subprocess.run([service_cli.stack.path("bin", "sandgate"), "run", program], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env={"PATH": "/usr/bin", "SANDGATE_CONFIG": service_cli.config}, check=False)
    assert done.returncode == 126 and b"policy strict" in done.stderr, done


def test_policy_and_no_validate_exclude_each_other(service_cli):
    status, _, err = service_cli.run("1", "--policy", "strict", "--no-validate")
    assert status == 2 and b"exclude" in err
    status, _, err = service_cli.run("1", "--policy", "lax")
    assert status == 2 and b"there is no such policy" in err


def test_validate_tells_findings_as_a_compiler_does(service_cli):
    program = service_cli.write("a b.py", "x = 1\nif x:\n    e = eval  # \x1b[31m\n")
    status, out, err = service_cli("validate", program)
    assert (status, err) == (1, b"")
    assert out.decode() == (
        "%s:3:9: critical: eval runs text as code [python.eval, 40]\n    e = eval  # ?[31m\n"
        "    remedy: use ast.literal_eval, json.loads, or a function\n"
        "risk score 40, threshold 30 (policy strict): rejected\n" % program)
    assert service_cli("validate", "--policy", "report", program)[0] == 0
    assert service_cli("validate", service_cli.write("fine.py", "print(1)"))[0] == 0


def test_validate_reads_stdin_and_several_files(service_cli):
    status, out, _ = service_cli("validate", "-l", "js", "-", input=b"require('child_process')")
    assert status == 1 and out.startswith(b"(stdin):1:1: critical")
    helper = service_cli.write("helper.py", "import subprocess")
    status, out, _ = service_cli("validate", "--json", service_cli.write("main.py", "import helper"), helper)
    (finding,) = json.loads(out)["validation"]["findings"]
    assert status == 1 and finding["file"] == helper and finding["rule"] == "python.import.subprocess"


@pytest.mark.parametrize("args, said", [
    (["validate"], "which file"),
    (["validate", "nonexistent.py"], "nonexistent.py"),
    (["validate", "noextension"], "which language"),
    (["validate", "-l", "cobol", "main.py"], "no rules for it"),
    (["validate", "-p", "lax", "main.py"], "no such policy"),
    (["validate"] + ["main.py"] * 65, "at most 64"),
])
def test_wrong_usage_of_validate(service_cli, args, said):
    service_cli.write("main.py", "")
    service_cli.write("noextension", "")
    status, out, err = service_cli(*args)
    assert (status, out) == (2, b"") and said.encode() in err, err
