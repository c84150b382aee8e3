"""Node.js, the second runtime: the behaviours of docs/API.md as they apply to it, through nginx, with the executor as root
and rootless; how its programs end; and a host that has no Node.js.

Numbers in the names are those of the list there, as in test_behaviours.py."""

import concurrent.futures
import json
import re
import subprocess

import pytest

CGROUPS = pytest.mark.needs_cgroups
SUCCESS = ("success", True, 0, "exited")


def run(stack, code=None, **fields):
    return stack.run(code, **{"language": "javascript", **fields})


def outcome(doc):
    return doc["status"], doc["success"], doc["exit_code"], doc["termination"]["reason"]


# ---- the behaviours ----------------------------------------------------------------------------------------------


def test_03_network_is_out_of_reach(either_stack):
    doc = run(either_stack, """
const net = require("net"), dgram = require("dgram"), dns = require("dns"), http = require("http");
const tell = (what) => (error, value) => console.log(what, error ? error.code || error.cause.code : "reached " + value);
const seen = (what, emitter) => emitter.on("error", tell(what));
seen("tcp", net.connect(80, "1.1.1.1"));
seen("local", net.connect(80, "127.0.0.1"));
seen("six", net.connect(80, "::1"));
seen("unix", net.connect("/tmp/socket"));
seen("listen", net.createServer().listen(8080));
seen("http", http.get("http://93.184.216.34/"));
fetch("http://1.1.1.1/").then(() => console.log("fetch reached"), tell("fetch"));
dns.lookup("example.com", tell("lookup"));
dns.resolve("example.com", tell("resolve"));
seen("udp", dgram.createSocket("udp4")).send("x", 53, "1.1.1.1", (error) => error || console.log("sent"));
""")
    assert outcome(doc) == SUCCESS, doc
    lines = dict(line.split(" ", 1) for line in doc["stdout"].splitlines())
    assert lines == {**{name: "EAFNOSUPPORT" for name in ("tcp", "local", "six", "unix", "listen", "http", "fetch", "udp")},
                     "lookup": lines["lookup"], "resolve": lines["resolve"]}, doc["stdout"]
    assert {lines["lookup"], lines["resolve"]} <= {"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED"}
    usage = doc["resource_usage"]
    assert (usage["network_rx_bytes"], usage["network_tx_bytes"]) == (0, 0)
    assert doc["isolation"]["network"] == "none"


def test_04_only_the_writable_places_can_be_written(either_stack):
    doc = run(either_stack, """
const fs = require("fs"), path = require("path");
for (const name of ["/etc/hostname", "/etc/passwd"]) console.log("read", name, fs.readFileSync(name).length > 0);
for (const place of ["/", "/etc", "/usr", "/usr/lib", "/bin", "/dev", "/proc", "/tmp", "/dev/shm", "."]) {
    try {
        fs.writeFileSync(path.join(place, "probe"), "x");
        console.log("wrote", place);
    } catch (error) {
        console.log("refused", place, error.code);
    }
}
""")
    assert outcome(doc) == SUCCESS, doc
    lines = doc["stdout"].splitlines()
    assert lines[:2] == ["read /etc/hostname true", "read /etc/passwd true"]
    assert [l for l in lines if l.startswith("wrote")] == ["wrote /tmp", "wrote /dev/shm", "wrote ."]
    refused = {l.split()[1]: l.split()[2] for l in lines if l.startswith("refused")}
    assert set(refused) == {"/", "/etc", "/usr", "/usr/lib", "/bin", "/dev", "/proc"}
    assert set(refused.values()) <= {"EROFS", "EACCES", "ENOENT"}, refused


@pytest.mark.parametrize("loop", ["for (;;);", "setInterval(() => {}, 10);", "(async () => { for (;;) await null; })();",
                                  "process.on('SIGTERM', () => {}); setInterval(() => {}, 10);"])
def test_05_killed_at_the_timeout(either_stack, loop):
    doc = run(either_stack, "console.log('before');\n" + loop, timeout=3)
    assert outcome(doc) == ("failed", False, None, "wall_time"), doc
    assert doc["signal"] == "SIGKILL" and doc["stdout"] == "before\n"
    assert doc["termination"]["limit"] == 3000 and doc["termination"]["peak"] >= 3000
    assert "time" in doc["error"] and doc["termination"]["hint"]


def test_06_listing_the_root_works(either_stack):
    doc = run(either_stack, 'console.log(require("fs").readdirSync("/"))')
    assert outcome(doc) == SUCCESS, doc
    assert "'usr'" in doc["stdout"] and "permission denied" not in (doc["stdout"] + doc["stderr"]).lower()


def test_07_hello(either_stack):
    doc = run(either_stack, 'console.log("hello")')
    assert outcome(doc) == SUCCESS and doc["stdout"] == "hello\n" and doc["stderr"] == "", doc
    assert doc["error"] is None and doc["signal"] is None and doc["engine"] == "native"
    assert doc["runtime"]["language"] == "javascript" and re.fullmatch(r"\d+\.\d+\.\d+", doc["runtime"]["version"])
    assert doc["isolation"]["seccomp"] == "node"
    assert doc["stdout_bytes"] == 6 and not doc["stdout_truncated"] and doc["stdout_encoding"] == "utf8"


@CGROUPS
def test_09_usage_is_measured(either_stack):
    doc = run(either_stack, "const held = Buffer.alloc(50 << 20, 1); for (let i = 0; i < 1e7; i++);")
    usage = doc["resource_usage"]
    assert 50 < usage["memory_usage_mb"] < 400 and usage["memory_peak_bytes"] > 50 << 20, usage
    assert usage["cpu_percent"] > 0 and usage["execution_time"] > 0 and usage["wall_time_ms"] > 0
    assert usage["cpu_user_ms"] + usage["cpu_system_ms"] > 5
    assert 2 <= usage["processes_peak"] <= 12, usage  # V8's and libuv's threads


def test_10_parallel_runs_do_not_disturb_each_other(either_stack):
    def one(i):
        return run(either_stack, """
const fs = require("fs"), mine = process.argv[2];
fs.writeFileSync("/tmp/mine", mine);
fs.writeFileSync("mine", mine);
setTimeout(() => console.log(fs.readFileSync("/tmp/mine", "utf8"), fs.readFileSync("mine", "utf8"),
                             fs.readdirSync("/tmp").join(), fs.readdirSync(".").join()), 200);
""", args=[str(i)])["stdout"]

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(one, range(8)))
    assert answers == ["%d %d mine main.js,mine\n" % (i, i) for i in range(8)]


@pytest.mark.parametrize("code", [
    "console.log(1)", "process.exit(3)", "process.abort()", "process.kill(process.pid, 9)",
    "const x = []; for (;;) x.push(Buffer.alloc(1 << 20, 1));", "require('fs').writeFileSync('/tmp/left', 'x'.repeat(100000))",
    "const { Worker } = require('worker_threads'); for (let i = 0; i < 4; i++) new Worker('for (;;);', { eval: true });",
])
def test_11_nothing_is_left(either_stack, code):
    before = either_stack.rest()
    run(either_stack, code, limits={"memory_bytes": 128 << 20}, timeout=2)
    either_stack.settle(before)


def test_12_stderr_apart_from_stdout(either_stack):
    code = "console.log('out');\nconsole.error('err');\n"
    doc = run(either_stack, code)
    assert (doc["stdout"], doc["stderr"]) == ("out\n", "err\n")
    merged = run(either_stack, code + "console.log('again')", merge_stderr=True)
    assert (merged["stdout"], merged["stderr"]) == ("out\nerr\nagain\n", "")


def test_13_syntax_error(either_stack):
    doc = run(either_stack, "console.log('a'\nconsole.log('b')")
    assert outcome(doc) == ("failed", False, 1, "exited"), doc
    assert "SyntaxError" in doc["stderr"] and "/work/main.js:1" in doc["stderr"] and doc["stdout"] == ""


@pytest.mark.parametrize("code, text", [
    ("null.x", "TypeError: Cannot read properties of null (reading 'x')"),
    ("Promise.reject(new RangeError('late'))", "RangeError: late"),
    ("setTimeout(() => { throw new Error('in a timer') }, 1)", "Error: in a timer"),
    ("(function f() { f(); })()", "RangeError: Maximum call stack size exceeded"),
    ("require('no-such-module')", "Cannot find module 'no-such-module'"),
])
def test_14_runtime_error(either_stack, code, text):
    doc = run(either_stack, code)
    assert outcome(doc) == ("failed", False, 1, "exited"), doc
    assert text in doc["stderr"] and "/work/main.js" in doc["stderr"], doc["stderr"]


def test_15_empty_code(either_stack):
    doc = run(either_stack, "")
    assert outcome(doc) == SUCCESS and doc["stdout"] == "" and doc["stderr"] == "", doc


def test_16_large_output_is_cut_and_told(either_stack):
    doc = run(either_stack, "process.stdout.write('a'.repeat(1e6) + 'b'.repeat(3e6) + 'c'.repeat(1e6))")
    assert outcome(doc) == SUCCESS, doc["termination"]
    assert doc["stdout_truncated"] and doc["stdout_bytes"] == 5_000_000 and len(doc["stdout"]) == 1 << 20
    half = 1 << 19
    assert doc["stdout"][:half] == "a" * half and doc["stdout"][-half:] == "c" * half
    assert "output_bytes" in doc["termination"]["limits_hit"]


def test_16_output_before_process_exit(either_stack):
    """Of what is not in the pipe yet process.exit() takes no care; 64 KiB fit into it."""
    doc = run(either_stack, "for (let i = 0; i < 6000; i++) console.log('line', i); process.exit(0)")
    assert outcome(doc) == SUCCESS and doc["stdout"].splitlines() == ["line %d" % i for i in range(6000)]


@pytest.mark.parametrize("loop", ["(function again() { process.stdout.write(x, again); })();",
                                  "for (;;) require('fs').writeSync(1, x);"])
def test_16_flood_is_ended(either_stack, loop):
    """A loop of console.log() that never waits keeps what it prints in its memory, and ends by that."""
    doc = run(either_stack, "const x = 'x'.repeat(1 << 20);\n" + loop, timeout=60)
    assert outcome(doc)[3] == "output" and not doc["success"], doc["termination"]
    assert doc["stdout_bytes"] > 64 << 20 and len(doc["stdout"]) <= 1 << 20


# ---- how it ended, exactly ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("code, fields, reason, exit_code, signal", [
    ("process.exit(7)", {}, "exited", 7, None),
    ("process.exitCode = 255", {}, "exited", 255, None),
    ("process.kill(process.pid, 'SIGTERM')", {}, "signaled", None, "SIGTERM"),
    ("process.kill(process.pid, 'SIGKILL')", {}, "signaled", None, "SIGKILL"),
    ("process.abort()", {}, "signaled", None, "SIGABRT"),
    ("await new Promise(() => {})", {"files": [{"path": "main.mjs", "content": "await new Promise(() => {});"}]},
     "exited", 13, None),
    pytest.param("const x = []; for (;;) x.push({ n: x.length });", {"limits": {"memory_bytes": 96 << 20}}, "memory", None,
                 "SIGKILL", marks=CGROUPS),
    pytest.param("const x = []; for (;;) x.push(Buffer.alloc(1 << 20, 1));", {"limits": {"memory_bytes": 96 << 20}},
                 "memory", None, "SIGKILL", marks=CGROUPS),
    pytest.param("for (;;);", {"limits": {"cpu_time_ms": 200}}, "cpu_time", None, "SIGKILL", marks=CGROUPS),
    ("setTimeout(() => {}, 60000)", {"timeout": 0.5}, "wall_time", None, "SIGKILL"),
    pytest.param("const { Worker } = require('worker_threads'); for (let i = 0; i < 20; i++) "
                 "new Worker('setTimeout(() => {}, 1000)', { eval: true });", {"limits": {"processes": 12}}, "processes",
                 1, None, marks=CGROUPS),
])
def test_reason(either_stack, code, fields, reason, exit_code, signal):
    doc = run(either_stack, None if "files" in fields else code, **fields)
    assert (doc["termination"]["reason"], doc["exit_code"], doc["signal"]) == (reason, exit_code, signal), doc
    assert not doc["success"] and doc["status"] == "failed" and doc["error"]


def test_v8s_own_end_is_told_in_stderr(either_stack):
    """One object that would not fit into the heap at all: V8 gives up before the kernel has to."""
    doc = run(either_stack, "const m = new Map(); for (let i = 0; ; i++) m.set(i, i);", limits={"memory_bytes": 128 << 20})
    assert (doc["termination"]["reason"], doc["signal"]) in (("signaled", "SIGABRT"), ("memory", "SIGKILL")), doc
    if doc["signal"] == "SIGABRT":
        assert "JavaScript heap out of memory" in doc["stderr"] and "FATAL ERROR" in doc["stderr"], doc["stderr"]


@CGROUPS
def test_the_heap_is_measured_by_the_runs_memory(either_stack):
    """Much garbage beside live objects that take half of the memory: V8 must collect before the kernel ends it."""
    code = """
const kept = [], some = () => Array.from({ length: 1000 }, (_, k) => ({ k, s: "s" + k }));
for (let i = 0; i < 600; i++) kept.push(some());
for (let i = 0; i < 2000; i++) kept[i % kept.length] = some();
console.log(Math.round(require("v8").getHeapStatistics().heap_size_limit / 2 ** 20));
"""
    doc = run(either_stack, code, limits={"memory_bytes": 160 << 20, "cpu_percent": 100})
    assert outcome(doc) == SUCCESS, doc
    assert 160 <= int(doc["stdout"]) < 160 + 64  # the young objects' part comes on top
    assert doc["resource_usage"]["memory_peak_bytes"] <= 160 << 20


@CGROUPS
def test_runs_in_the_smallest_memory(either_stack):
    assert run(either_stack, "console.log(1)", limits={"memory_bytes": 16 << 20})["stdout"] == "1\n"


# ---- what programs are given -------------------------------------------------------------------------------------


def test_stdin_args_env_files(either_stack):
    doc = run(either_stack, """
const helper = require("./helper"), deep = require("./pkg/mod.cjs"), data = require("./data.json");
console.log(JSON.stringify(process.argv.slice(1)), require("fs").readFileSync(0, "utf8"), process.env.COLOUR, helper.x,
            deep.y, data.z);
""", stdin="line\n", args=["-x", "two words", ""], env={"COLOUR": "blue"},
              files=[{"path": "helper.js", "content": "exports.x = 1"}, {"path": "pkg/mod.cjs", "content": "exports.y = 2"},
                     {"path": "data.json", "content": '{"z": "é"}'}])
    assert doc["stdout"] == '["/work/main.js","-x","two words",""] line\n blue 1 2 é\n', doc
    doc = run(either_stack, files=[{"path": "--eval.js", "content": "console.log('entry')"}])
    assert doc["stdout"] == "entry\n", doc


def test_modules(either_stack):
    """An .mjs is an ES module, with await at its top; a package.json can say the same of .js."""
    files = [{"path": "main.mjs", "content": "import fs, { readFileSync } from 'node:fs';\nimport { x } from './other.mjs';\n"
                                             "console.log(typeof readFileSync, x, await Promise.resolve(3), import.meta.url);"},
             {"path": "other.mjs", "content": "export const x = 2;"}]
    doc = run(either_stack, files=files)
    assert (doc["stdout"], doc["stderr"]) == ("function 2 3 file:///work/main.mjs\n", ""), doc
    doc = run(either_stack, "import os from 'os';\nconsole.log(typeof os.cpus, typeof require);",
              files=[{"path": "package.json", "content": '{"type": "module"}'}])
    assert doc["stdout"] == "function undefined\n", doc
    doc = run(either_stack, "const data = require('./x.cjs'); console.log(data)", files=[{"path": "x.cjs", "content": "module.exports = 5"}])
    assert doc["stdout"] == "5\n", doc


@pytest.mark.parametrize("name", ["NODE_OPTIONS", "NODE_PATH", "LD_PRELOAD"])
def test_environment_that_loads_code_is_refused(stack, name):
    answer = stack.post({"language": "javascript", "validate": False, "code": "", "env": {name: "x"}})
    assert answer.status == 422 and answer.problem()["errors"][0]["pointer"] == "/env/" + name, answer


@pytest.mark.parametrize("name", ["javascript", "js", "node", "nodejs", "node-js"])
def test_names(stack, name):
    doc = run(stack, "console.log(process.versions.node)", language=name)
    assert doc["runtime"] == {"language": "javascript", "version": doc["stdout"].strip()}, doc


def test_catalog(stack):
    (node,) = [r for r in stack.get("/v1/runtimes").json if r["language"] == "javascript"]
    assert node["extensions"] == ["js", "mjs", "cjs"] and node["ready"] and not node["compiled"]
    assert {"v8", "uv", "openssl"} <= set(node["packages"]), node


def test_scored_and_run(stack):
    """Validation is on by default: rules of JavaScript, and then a run."""
    doc = stack.post({"language": "node", "code": "console.log([3, 1, 2].sort().join())"}).json
    assert (doc["stdout"], doc["risk_score"], doc["validation"]["decision"]) == ("1,2,3\n", 0, "allowed"), doc
    doc = stack.post({"language": "node", "code": "require('child_process').execSync('id')"}).json
    assert doc["status"] == "rejected" and doc["risk_score"] >= 30 and doc["exit_code"] is None, doc


def test_worker_threads_have_the_box_of_the_program(either_stack):
    """They work, and are within its limits: the attacks have what they try."""
    doc = run(either_stack, """
const { Worker } = require("worker_threads");
const worker = new Worker(`
    const { parentPort } = require("worker_threads"), fs = require("fs");
    try { fs.writeFileSync("/usr/x", ""); } catch (error) { parentPort.postMessage(error.code); }
    try { require("child_process").spawnSync("true"); } catch (error) { parentPort.postMessage(error.code); }
    const done = require("child_process").spawnSync("true", { stdio: "ignore" });
    parentPort.postMessage(done.error.code);
    process.exit(3);
`, { eval: true });
worker.on("message", (message) => console.log(message)).on("exit", (code) => console.log(code));
""")
    assert set(doc["stdout"].split()[:-1]) <= {"EROFS", "EACCES", "EPERM"} and doc["stdout"].endswith("\n3\n"), doc
    assert outcome(doc) == SUCCESS


# ---- a host without Node.js --------------------------------------------------------------------------------------


def without_node(stack):
    path = stack.path("conf", "sandgate", "runtimes.d", "node.conf")
    with open(path) as f:
        text = f.read()
    assert "/usr/bin/node" in text and "optional = on" in text
    with open(path, "w") as f:
        f.write(text.replace("/usr/bin/node", "/usr/bin/node-of-nowhere"))


def test_a_host_without_node_is_ready(make_stack):
    stack = make_stack(slots=1, queue=1, workers=2, before=without_node)
    ready = stack.get("/ready")
    assert ready.status == 200 and ready.json["runtimes"] == 1, ready
    assert [r["language"] for r in stack.get("/v1/runtimes").json] == ["python"]
    assert stack.run("print(1)")["stdout"] == "1\n"
    problem = stack.post({"language": "js", "code": "1", "validate": False}).problem()
    assert (problem["status"], problem["code"], problem["retryable"]) == (422, "unknown_runtime", False), problem
    assert "javascript is not installed here: there is no /usr/bin/node-of-nowhere" in problem["detail"], problem
    assert stack.post({"language": "js", "code": "1"}, path="/v1/validate").status == 200
    left_out = [line for line in stack.log().splitlines() if "is left out" in line]
    assert len(left_out) == 1 and "runtime javascript is left out: there is no /usr/bin/node-of-nowhere" in left_out[0]


def test_the_private_executor_of_a_host_without_node(make_stack):
    stack = make_stack(cgi=True, slots=1, queue=1, workers=2, before=without_node)
    assert stack.get("/ready").status == 200
    problem = stack.post({"language": "js", "code": "1", "validate": False}).problem()
    assert problem["status"] == 422 and "is not installed here" in problem["detail"], problem
    cli = [stack.path("bin", "sandgate"), "-c", stack.path("conf", "sandgate.conf")]
    done = subprocess.run([*cli, "runtimes", "--json"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == "", done
    assert [r["language"] for r in json.loads(done.stdout)] == ["python"]
    done = subprocess.run([*cli, "run", "--language", "js", "/dev/null"], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "is not installed here" in done.stderr, done
