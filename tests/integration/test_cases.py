"""`tests` of POST /v1/execute through the real nginx, by each engine: what passes, what is not run, who comes in between, and
what is left when somebody goes. The loop with an executor that follows a script: tests/unit/fcgi/test_run_cases.c."""

import base64
import json
import os
import re
import signal
import threading
import time

import pytest

from stack import wait_until

DOUBLE = "print(int(input()) * 2)"
MIB = 1 << 20


def passed(doc):
    return [test["passed"] for test in doc["tests"]]


def statuses(doc):
    return [test["status"] for test in doc["tests"]]


def stdouts(doc):
    return [test["stdout"] for test in doc["tests"]]


# ---- what passes ------------------------------------------------------------------------------------------------


def test_all_pass(any_stack):
    doc = any_stack.run(DOUBLE, tests=[{"name": "n%d" % i, "stdin": "%d" % i, "expected_stdout": "%d\n" % (2 * i)}
                                       for i in range(7)])
    assert (doc["status"], doc["success"], doc["error"]) == ("success", True, None)
    assert doc["test_summary"] == {"total": 7, "passed": 7, "failed": 0, "skipped": 0}
    assert [t["name"] for t in doc["tests"]] == ["n%d" % i for i in range(7)]
    assert stdouts(doc) == ["%d\n" % (2 * i) for i in range(7)]
    assert doc["engine"] == any_stack.name_of_engine
    for test in doc["tests"]:
        assert test["success"] is True and test["termination"]["reason"] == "exited"
        assert test["isolation"]["no_new_privs"] is True and test["timings"]["run_ms"] > 0


def test_some_do_not(any_stack):
    doc = any_stack.run("import sys\nn = int(input())\nprint(n)\nsys.exit(n == 3)", tests=[
        {"stdin": "1", "expected_stdout": "1\n"}, {"name": "two", "stdin": "2", "expected_stdout": "3\n"},
        {"stdin": "3", "expected_stdout": "3\n"}, {"stdin": "x"}, {"stdin": "5"}])
    assert (doc["status"], doc["success"]) == ("failed", False)
    assert doc["test_summary"] == {"total": 5, "passed": 2, "failed": 3, "skipped": 0}
    assert passed(doc) == [True, False, False, False, True]
    assert statuses(doc) == ["success", "success", "failed", "failed", "success"]
    assert [t["exit_code"] for t in doc["tests"]] == [0, 0, 1, 1, 0]
    assert doc["error"] == ("3 of 5 tests did not pass; the first is test 2 (\"two\"): stdout differs from expected_stdout "
                            "at line 1.")
    assert doc["tests"][2]["error"] == "The program ended with exit code 1."  # its output was right
    assert "ValueError" in doc["tests"][3]["stderr"]


@pytest.mark.parametrize("printed,expected,exact,trimmed", [
    ("a\n", "a\n", None, None),
    ("a\n", "a", ", by trailing white space only", None),
    ("a  \r\nb\t\n\n \n", "a\nb\n", ", by trailing white space only", None),
    ("a\n", " a\n", "line 1.", "line 1."),
    ("1\n2\n3\n", "1\n2\n4\n", "line 3.", "line 3."),
    ("1\n\n2", "1\n2", "line 2.", "line 2."),
    ("", "\n", ", by trailing white space only", None),
])
def test_compare(stack, printed, expected, exact, trimmed):
    for compare, error in (("exact", exact), ("trimmed", trimmed)):
        test = {"expected_stdout": expected, "args": []}
        doc = stack.run("print(%r, end='')" % printed, tests=[test], test_options={"compare": compare})
        assert passed(doc) == [error is None], (compare, doc["tests"])
        assert (error or "") in (doc["tests"][0]["error"] or "")


def test_bytes(any_stack):
    """stdin and what is expected of stdout may be any bytes; what is expected is compared as bytes, however it was written."""
    data = bytes(range(256))
    content = {"content": base64.b64encode(data).decode(), "encoding": "base64"}
    doc = any_stack.run("import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())", tests=[
        {"stdin": content, "expected_stdout": content},
        {"stdin": "\u00e4", "expected_stdout": {"content": "w6Q=", "encoding": "base64"}},
        {"stdin": content, "expected_stdout": "\u0000"}])
    assert passed(doc) == [True, True, False]
    assert doc["tests"][0]["stdout_encoding"] == "base64" and doc["tests"][0]["stdout"] == content["content"]


def test_large_input_and_expectation(stack):
    text = "x" * (MIB - 1) + "\n"
    doc = stack.run("import sys\nsys.stdout.write(sys.stdin.read())", stdin=text,
                    tests=[{"expected_stdout": text}, {"expected_stdout": text[1:]}])
    assert passed(doc) == [True, False]


def test_what_a_test_takes_over(any_stack):
    """Arguments and input of the request hold where a test names none; an empty one is named."""
    code = "import os, sys\nprint(sys.argv[1:], sys.stdin.read(), os.environ['A'], open('data').read())"
    doc = any_stack.run(code, args=["a", "b"], stdin="in", env={"A": "env"}, files=[{"path": "data", "content": "file"}],
                        tests=[{}, {"args": ["c"]}, {"stdin": "own"}, {"args": [], "stdin": ""}])
    assert stdouts(doc) == ["['a', 'b'] in env file\n", "['c'] in env file\n", "['a', 'b'] own env file\n", "[]  env file\n"]


def test_merged_streams_are_compared(stack):
    code = "import sys\nprint('out', flush=True)\nprint('err', file=sys.stderr)"
    assert passed(stack.run(code, merge_stderr=True, tests=[{"expected_stdout": "out\nerr\n"}])) == [True]
    assert passed(stack.run(code, tests=[{"expected_stdout": "out\n"}])) == [True]


def test_each_in_a_fresh_box(any_stack):
    code = ("import os, random\nprint(sorted(os.listdir('/tmp')), sorted(os.listdir('.')))\n"
            "open('/tmp/left', 'w').close(); open('left', 'w').close(); open('data', 'a').write('more')\n"
            "print(open('data').read())")
    doc = any_stack.run(code, files=[{"path": "data", "content": "file"}],
                        tests=[{"expected_stdout": "[] ['data', 'main.py']\nfilemore\n"}] * 4)
    assert passed(doc) == [True] * 4, stdouts(doc)


def test_a_program_cannot_find_what_is_expected(any_stack):
    """Nothing of it is in the box: files, environment, arguments, input, the program's memory."""
    secret = "s3cret-" + "expected"
    code = """
import glob, os, re, sys
secret = re.compile(b's[3]cret-e[x]pected')  # never as it is written
seen = [repr(sys.argv), repr(dict(os.environ)), sys.stdin.read()]
for path in glob.glob('/work/**', recursive=True) + glob.glob('/tmp/**', recursive=True) + glob.glob('/dev/shm/*'):
    if os.path.isfile(path):
        seen.append(open(path, errors='replace').read())
hits = sum(len(secret.findall(text.encode())) for text in seen)
try:
    with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as mem:
        for line in maps:
            low, high = (int(x, 16) for x in line.split()[0].split('-'))
            if line.split()[1].startswith('rw'):
                mem.seek(low)
                hits += len(secret.findall(mem.read(high - low)))
except OSError:
    pass
print(hits)
"""
    doc = any_stack.run(code, tests=[{"expected_stdout": secret, "name": secret}, {"expected_stdout": "0\n"},
                                     {"stdin": secret, "expected_stdout": secret}])
    assert stdouts(doc)[:2] == ["0\n", "0\n"] and passed(doc) == [False, True, False]
    assert int(doc["tests"][2]["stdout"]) > 0  # it is seen where it is


def test_limits_hold_for_each(any_stack):
    doc = any_stack.run("import sys\nif sys.argv[1:]:\n    while True: pass\nprint(1)", timeout=4,
                        tests=[{}, {"args": ["x"], "expected_stdout": "1\n"}, {}])
    assert passed(doc) == [True, False, True]
    reason = doc["tests"][1]["termination"]
    assert (reason["reason"], reason["limit"]) == ("wall_time", 4000)
    assert "time limit" in doc["tests"][1]["error"]


def test_sums(any_stack):
    doc = any_stack.run("x = bytearray(int(input()) << 20)", tests=[{"stdin": "1"}, {"stdin": "40"}, {"stdin": "1"}])
    runs = [t["resource_usage"] for t in doc["tests"]]
    usage = doc["resource_usage"]
    assert usage["memory_peak_bytes"] == max(u["memory_peak_bytes"] for u in runs) > 40 * MIB
    for name in ("wall_time_ms", "cpu_user_ms", "cpu_system_ms"):
        assert usage[name] == pytest.approx(sum(u[name] for u in runs), abs=0.01), name
    assert (usage["network_rx_bytes"], usage["network_tx_bytes"]) == (0, 0)
    assert doc["timings"]["run_ms"] == pytest.approx(sum(t["timings"]["run_ms"] for t in doc["tests"]), abs=0.01)
    assert doc["timings"]["start"] is None


def test_a_program_that_waits_takes_a_test(stack):
    """A test without arguments is a warm start as any run, whatever the request or another test has."""
    if stack.warm:
        stack.wait_warm()
    doc = stack.run("print(1)", args=["x"], tests=[{"args": []}, {}, {"args": ["y"]}, {"args": [], "stdin": "in"}])
    assert [t["timings"]["start"] for t in doc["tests"]] == (
        ["warm", "cold", "cold", "warm"] if stack.warm else ["cold"] * 4)


def test_javascript(any_stack):
    if not any(r["language"] == "javascript" for r in any_stack.get("/v1/runtimes").json):
        assert any_stack.name_of_engine == "docker"  # its image has Python alone
        return
    doc = any_stack.run("console.log(2 * require('fs').readFileSync(0, 'utf8'))", language="javascript",
                        tests=[{"stdin": "4", "expected_stdout": "8\n"}, {"stdin": "5", "expected_stdout": "11\n"}])
    assert passed(doc) == [True, False]


# ---- scored once ------------------------------------------------------------------------------------------------


def test_scored_once(stack):
    request = {"language": "python", "code": DOUBLE, "id": "scored-tests",
               "tests": [{"stdin": "1", "expected_stdout": "2\n"}] * 3}
    answer = stack.post(request)
    doc = answer.json
    assert doc["validation"]["decision"] == "allowed" and doc["risk_score"] == 0 and passed(doc) == [True] * 3
    assert doc["timings"]["validate_ms"] > 0
    assert [t["timings"]["validate_ms"] for t in doc["tests"]] == [None] * 3
    assert re.fullmatch(r"validate;dur=[0-9.]+, queue;dur=[0-9.]+, setup;dur=[0-9.]+, run;dur=[0-9.]+, collect;dur=[0-9.]+",
                        answer.headers["Server-Timing"])
    line = wait_until(lambda: [line for line in stack.log("workers").splitlines() if "job=scored-tests" in line])
    assert len(line) == 1 and " status=200 outcome=tests_passed risk=0 " in line[0]


def test_rejected(stack):
    runs = stack.get("/ready").json["runs_total"]
    doc = stack.post({"language": "python", "code": "import os", "tests": [{}] * 3}).json
    assert (doc["status"], doc["tests"], doc["test_summary"]) == ("rejected", None, None)
    assert stack.get("/ready").json["runs_total"] == runs


def test_without_tests(stack):
    doc = stack.run("print(1)")
    assert (doc["tests"], doc["test_summary"], doc["stdout"]) == (None, None, "1\n")


# ---- what is not run --------------------------------------------------------------------------------------------


def test_stop_on_failure(any_stack):
    runs = any_stack.get("/ready").json["runs_total"]
    doc = any_stack.run(DOUBLE, tests=[{"stdin": "1", "expected_stdout": e} for e in ("2\n", "3\n", "2\n", "2\n")],
                        test_options={"stop_on_failure": True})
    assert passed(doc) == [True, False, None, None]
    assert statuses(doc) == ["success", "success", "skipped", "skipped"]
    assert doc["test_summary"] == {"total": 4, "passed": 1, "failed": 1, "skipped": 2}
    assert (doc["status"], doc["success"]) == ("failed", False)
    for test in doc["tests"][2:]:
        assert test["error"] == "It was not run: a test before it did not pass (test_options.stop_on_failure)."
        assert test["success"] is False and test["stdout"] is None and test["isolation"] is None
        assert set(test["timings"].values()) == {None}
    assert any_stack.get("/ready").json["runs_total"] == runs + 2


def test_time_for_all(any_stack):
    """The one that runs is ended with the output that it had; those behind it are not run."""
    code = "import time\nprint('began', flush=True)\ntime.sleep(float(input()))"
    began = time.monotonic()
    doc = any_stack.run(code, tests=[{"stdin": "0"}, {"stdin": "60"}, {"stdin": "0"}], test_options={"wall_time_ms": 15000})
    assert 14.5 < time.monotonic() - began < 60
    assert passed(doc) == [True, False, None] and statuses(doc) == ["success", "failed", "skipped"]
    late = doc["tests"][1]
    assert (late["termination"]["reason"], late["signal"], late["stdout"]) == ("cancelled", "SIGKILL", "began\n")
    assert late["termination"]["limit"] == 15000 and "test_options.wall_time_ms" in late["termination"]["hint"]
    assert late["error"] == "It was ended when the time for all tests was over (test_options.wall_time_ms, 15 s)."
    assert doc["tests"][2]["error"] == "It was not run: the time for all tests was over (test_options.wall_time_ms, 15 s)."
    assert doc["error"].startswith("2 of 3 tests did not pass, 1 of them was not run; the first is test 2: It was ended")
    assert any_stack.run("print('next')")["stdout"] == "next\n"  # over the same connection, maybe


def hold_slot(stack, code="import time\ntime.sleep(60)", **fields):
    s = stack.begin(code, **fields)
    wait_until(lambda: stack.get("/ready").json["running"] == 1, what="the slot to be taken")
    return s


def test_time_for_all_counts_the_queue(make_stack):
    stack = make_stack(slots=1, queue=4)
    held = hold_slot(stack)
    doc = stack.run("print(1)", tests=[{}] * 3, test_options={"wall_time_ms": 300})
    assert (passed(doc), statuses(doc)) == ([None] * 3, ["skipped"] * 3)
    assert doc["resource_usage"] is None and doc["test_summary"]["skipped"] == 3
    assert stack.get("/ready").json["queued"] == 0
    held.close()
    wait_until(lambda: stack.get("/ready").json["running"] == 0)
    assert passed(stack.run("print(1)", tests=[{}] * 3)) == [True] * 3
    wait_until(lambda: not stack.box_pids(), 10, what="the last box to be gone")


LOCATION = """
location = /short { rewrite ^ /v1/execute break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_param SANDGATE_MAX_WALL_TIME_MS 700; fastcgi_pass sandgate_workers; }
"""


def test_a_location_bounds_the_time_for_all(make_stack):
    stack = make_stack(server=LOCATION)
    request = {"language": "python", "validate": False, "code": "import time\ntime.sleep(0.3)", "tests": [{}] * 8}
    doc = stack.post(request, path="/short").json
    assert "(test_options.wall_time_ms, 0.7 s)" in doc["error"] and doc["test_summary"]["skipped"] >= 5
    problem = stack.post({**request, "test_options": {"wall_time_ms": 701}}, path="/short").problem()
    assert problem["errors"] == [{"pointer": "/test_options/wall_time_ms", "detail": "is 701; allowed: 10 to 700 (ms)"}]


# ---- others -----------------------------------------------------------------------------------------------------


def test_other_clients_have_their_turn(make_stack):
    """One slot, and many tests: a run that comes later does not wait for all of them."""
    stack = make_stack(slots=1, queue=4)
    docs = []
    thread = threading.Thread(target=lambda: docs.append(
        stack.run("import time\ntime.sleep(0.1)\nprint(1)", tests=[{"expected_stdout": "1\n"}] * 40)))
    thread.start()
    wait_until(lambda: stack.get("/ready").json["running"] == 1)
    for i in range(3):
        assert stack.run("print(%d)" % i)["stdout"] == "%d\n" % i
        assert not docs, "a run waited until all tests had ended"
    thread.join()
    assert passed(docs[0]) == [True] * 40
    assert stack.get("/ready").json["slots"] == 1


def test_no_queue(make_stack):
    """The next test is sent before the slot of the last one is free: that is no reason to refuse it."""
    stack = make_stack(slots=1, queue=0, workers=4)
    assert passed(stack.run("print(1)", tests=[{}] * 30)) == [True] * 30


def test_client_that_leaves(any_stack):
    """The run that is under way ends, and no further one begins."""
    s = any_stack.begin("import time\ntime.sleep(0.5)", tests=[{}] * 100, id="leaver")
    ready = lambda: any_stack.get("/ready").json  # noqa: E731
    wait_until(lambda: ready()["running"] == 1)
    s.close()
    wait_until(lambda: ready()["running"] == 0, 10, what="the run to end")
    runs = ready()["runs_total"]
    time.sleep(1.2)
    assert ready()["runs_total"] == runs
    line = wait_until(lambda: [line for line in any_stack.log("workers").splitlines() if "job=leaver" in line])
    assert " status=499 outcome=cancelled " in line[0]


# ---- when something fails in the middle -------------------------------------------------------------------------


def read_answer(s):
    """(status, document) of a request that was begun."""
    s.settimeout(60)
    data = b""
    while part := s.recv(65536):
        data += part
    s.close()
    head, _, body = data.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        body = b"".join(re.split(rb"\r?\n?[0-9a-f]+\r\n", body))
    return int(head.split()[1]), json.loads(body)


def begin_two(stack, code="import time\ntime.sleep(1)\nprint(1)", **fields):
    """Tests of which the first runs."""
    s = stack.begin(code, tests=[{"name": "a"}, {"name": "b"}, {"name": "c"}], **fields)
    wait_until(lambda: stack.get("/ready").json["running"] == 1)
    return s


@pytest.mark.parametrize("victim", ["executor", "supervisor"])
def test_executor_is_killed(make_stack, victim):
    stack = make_stack(slots=2, queue=2, workers=4)
    runs = stack.get("/ready").json["runs_total"]
    s = begin_two(stack, code="import time\ntime.sleep(2)\nprint(1)")
    wait_until(lambda: stack.get("/ready").json["runs_total"] >= runs + 2, what="the second to run")
    os.kill(stack.executor_child() if victim == "executor" else stack.pid("executor"), signal.SIGKILL)
    status, doc = read_answer(s)
    assert (status, doc["code"], doc["retryable"]) == (502, "executor_lost", True), doc
    assert re.search(r"; that was at test [23] of 3, and none of them is answered$", doc["detail"]), doc
    if victim == "supervisor":
        stack.processes.pop("executor").wait()
        stack.start_executor()
    wait_until(lambda: stack.get("/ready").status == 200, 20, what="ready again")
    assert passed(stack.run("print(1)", tests=[{}] * 2)) == [True, True]


def test_executor_is_stopped(make_stack):
    """It lets the test that is running end, and takes no further one."""
    stack = make_stack(slots=2, queue=2, workers=4)
    s = begin_two(stack, code="import time\ntime.sleep(4)\nprint(1)")
    stack.processes["executor"].send_signal(signal.SIGTERM)
    status, doc = read_answer(s)
    assert (status, doc["code"]) in ((503, "stopping"), (502, "executor_lost")) and doc["retryable"], doc
    assert doc["detail"].endswith("; that was at test 2 of 3, and none of them is answered"), doc
    stack.processes.pop("executor").wait(15)
    stack.start_executor()
    wait_until(lambda: stack.get("/ready").status == 200, 20, what="ready again")


def test_busy_in_the_middle(make_stack):
    stack = make_stack(slots=1, queue=1, workers=4, native='queue_wait_ms = "8s"')
    s = begin_two(stack, code="import time\ntime.sleep(4)\nprint(1)")
    other = stack.begin("import time\ntime.sleep(60)")  # has the slot after the first test
    status, doc = read_answer(s)
    assert (status, doc["code"], doc["retryable"]) == (503, "busy", True), doc
    assert doc["detail"].endswith("; that was at test 2 of 3, and none of them is answered"), doc
    other.close()
    wait_until(lambda: stack.get("/ready").json["running"] == 0)
    assert passed(stack.run("print(1)", tests=[{}] * 2)) == [True, True]


def test_layer_that_fails_in_the_middle(make_stack):
    stack = make_stack(lab=True, slots=2, queue=2, workers=4)
    s = begin_two(stack, code="import time\ntime.sleep(4)\nprint(1)")
    stack.lab(fail="files")
    status, doc = read_answer(s)
    assert status in (422, 503) and doc["step"] == "files", doc
    assert doc["detail"].endswith("; that was at test 2 of 3, and none of them is answered"), doc
    stack.lab()
    assert passed(stack.run("print(1)", tests=[{}] * 2)) == [True, True]


def test_refused_at_the_first(stack):
    doc = stack.post({"language": "python", "version": "2.7", "code": "", "validate": False, "tests": [{}] * 2}).problem()
    assert doc["code"] == "unknown_runtime" and doc["errors"][0]["pointer"] == "/version"
    assert "that was at test" not in doc["detail"]


def test_without_an_executor(make_stack):
    stack = make_stack(executor="embedded", slots=1, queue=1, workers=2)
    assert passed(stack.run(DOUBLE, tests=[{"stdin": "2", "expected_stdout": "4\n"}] * 3)) == [True] * 3


def test_plain_cgi(make_stack):
    stack = make_stack(cgi=True, workers=2)
    doc = stack.run(DOUBLE, tests=[{"stdin": "2", "expected_stdout": "4\n"}, {"stdin": "2", "expected_stdout": "5\n"}])
    assert passed(doc) == [True, False]


# ---- bounds -----------------------------------------------------------------------------------------------------


def test_a_hundred(any_stack):
    tests = [{"name": str(i), "stdin": str(i), "expected_stdout": "%d\n" % (2 * i)} for i in range(100)]
    doc = any_stack.run(DOUBLE, tests=tests, limits={"cpu_percent": 100})
    assert doc["test_summary"] == {"total": 100, "passed": 100, "failed": 0, "skipped": 0}, doc["error"]


def test_output_in_sum(stack):
    """100 times a whole stream: compared is all that is kept, shown is what 8 MiB hold."""
    text = "x" * (MIB - 1) + "\n"
    bound = stack.get("/v1/limits").json["request"]["tests_output_bytes"]
    tests = [{"expected_stdout": text}] * 2 + [{}] * 98
    answer = stack.post({"language": "python", "validate": False, "tests": tests,
                         "code": "import sys\nsys.stdout.write('x' * ((1 << 20) - 1) + '\\n')\nsys.stderr.write('e' * 1000000)"})
    doc = answer.json
    assert passed(doc) == [True] * 100
    assert bound * 0.9 < sum(len(t["stdout"]) + len(t["stderr"]) for t in doc["tests"]) <= bound
    assert len(answer.body) < bound * 1.1
    for test in doc["tests"]:
        assert test["stdout_truncated"] is True and test["stdout_bytes"] == MIB
        assert test["stdout"].endswith("x\n") and 0 < test["stdout_omitted_at"] < len(test["stdout"])
        assert test["stderr_truncated"] is True and test["stderr_bytes"] == 1000000
        assert min(len(test["stdout"]), len(test["stderr"])) > 40000
        assert test["termination"]["limits_hit"] == [] or "output_bytes" not in test["termination"]["limits_hit"]


def test_output_that_is_cut_does_not_pass(stack):
    doc = stack.run("print('x' * 5000)", limits={"output_bytes": 1024}, tests=[{"expected_stdout": "x" * 1024}, {}])
    assert passed(doc) == [False, True]
    assert doc["tests"][0]["error"] == ("stdout is longer than what is kept of it (limits.output_bytes), so it is not "
                                        "expected_stdout.")
    assert "output_bytes" in doc["tests"][0]["termination"]["limits_hit"]


BAD = [
    ("1,000 tests", {"tests": [{"stdin": "x", "expected_stdout": "x"}] * 1000}, "/tests", "has 1000 items; allowed: 1 to 100"),
    ("101 tests", {"tests": [{}] * 101}, "/tests", "has 101 items; allowed: 1 to 100"),
    ("no tests", {"tests": []}, "/tests", "has 0 items; allowed: 1 to 100"),
    ("an object", {"tests": {"stdin": ""}}, "/tests", "is an object; allowed: an array"),
    ("null", {"tests": None}, "/tests", "is null; allowed: an array"),
    ("a string", {"tests": ["1"]}, "/tests/0", "is a string; allowed: an object"),
    ("Judge0's name", {"tests": [{"expected_output": ""}]}, "/tests/0/expected_output",
     "is not a known field; allowed: name, stdin, args, expected_stdout"),
    ("limits of its own", {"tests": [{}, {"limits": {}}]}, "/tests/1/limits", "is not a known field"),
    ("name", {"tests": [{"name": 1}]}, "/tests/0/name", "is a number; allowed: a string"),
    ("long name", {"tests": [{"name": "\u00e4" * 65}]}, "/tests/0/name", "has 130 bytes; allowed: at most 128"),
    ("nul in a name", {"tests": [{"name": "\0"}]}, "/tests/0/name", "NUL"),
    ("stdin", {"tests": [{"stdin": None}]}, "/tests/0/stdin", "is null; allowed: a string, or an object"),
    ("stdin's encoding", {"tests": [{"stdin": {"content": "", "encoding": "utf-8"}}]}, "/tests/0/stdin/encoding",
     "allowed: utf8, base64"),
    ("stdin's base64", {"tests": [{"stdin": {"content": "a", "encoding": "base64"}}]}, "/tests/0/stdin/content", "is not base64"),
    ("args", {"tests": [{"args": "a"}]}, "/tests/0/args", "is a string; allowed: an array"),
    ("an arg", {"tests": [{"args": ["a", {}]}]}, "/tests/0/args/1", "is an object; allowed: a string"),
    ("257 args", {"tests": [{"args": ["a"] * 257}]}, "/tests/0/args", "has 257 items; allowed: at most 256"),
    ("args together", {"tests": [{}, {"args": ["a" * 65536] * 4}]}, "/tests/1/args/3", "allowed: 262144 bytes"),
    ("expected", {"tests": [{"expected_stdout": 4}]}, "/tests/0/expected_stdout", "is a number; allowed: a string, or"),
    ("expected more than is kept", {"tests": [{"expected_stdout": "x" * (MIB + 1)}]}, "/tests/0/expected_stdout",
     "has 1048577 bytes; allowed: at most 1048576"),
    ("expected's base64", {"tests": [{"expected_stdout": {"content": "====", "encoding": "base64"}}]},
     "/tests/0/expected_stdout/content", "is not base64"),
    ("options alone", {"test_options": {}}, "/test_options", "there are no `tests`"),
    ("options", {"tests": [{}], "test_options": "exact"}, "/test_options", "is a string; allowed: an object"),
    ("option", {"tests": [{}], "test_options": {"timeout": 1}}, "/test_options/timeout",
     "is not a known field; allowed: compare, stop_on_failure, wall_time_ms"),
    ("compare", {"tests": [{}], "test_options": {"compare": "regex"}}, "/test_options/compare",
     "\"regex\" is no way to compare; allowed: exact, trimmed"),
    ("stop", {"tests": [{}], "test_options": {"stop_on_failure": "yes"}}, "/test_options/stop_on_failure",
     "is a string; allowed: true or false"),
    ("long time", {"tests": [{}], "test_options": {"wall_time_ms": 120001}}, "/test_options/wall_time_ms",
     "is 120001; allowed: 10 to 120000 (ms)"),
    ("no time", {"tests": [{}], "test_options": {"wall_time_ms": 0}}, "/test_options/wall_time_ms", "is 0; allowed: 10 to"),
    ("time", {"tests": [{}], "test_options": {"wall_time_ms": 1000.5}}, "/test_options/wall_time_ms", "is not a whole number"),
]


@pytest.mark.parametrize("fields,pointer,text", [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input(stack, fields, pointer, text):
    runs = stack.get("/ready").json["runs_total"]
    doc = stack.post({"language": "python", "validate": False, "code": "print('never run')", **fields}).problem()
    assert (doc["status"], doc["code"], doc["retryable"]) == (422, "invalid_request", False), doc
    assert [error["pointer"] for error in doc["errors"]] == [pointer], doc
    assert text in doc["errors"][0]["detail"], doc
    assert stack.get("/ready").json["runs_total"] == runs


def test_all_mistakes_at_once(stack):
    doc = stack.post({"language": "python", "code": "", "tests": [{"name": 1}, 2, {"x": 3}],
                      "test_options": {"compare": 4}}).problem()
    assert [e["pointer"] for e in doc["errors"]] == ["/tests/0/name", "/tests/1", "/tests/2/x", "/test_options/compare"]


def test_not_for_the_score_alone(stack):
    doc = stack.post({"language": "python", "code": "", "tests": [{}]}, path="/v1/validate").problem()
    assert doc["errors"][0]["pointer"] == "/tests" and "is not a known field" in doc["errors"][0]["detail"]


def test_100000_tests(stack):
    body = '{"language":"python","code":"","tests":[%s]}' % ",".join(["{}"] * 100000)
    doc = stack.post(body).problem()
    assert (doc["status"], doc["code"]) == (422, "json_too_complex") and doc["errors"][0]["pointer"].startswith("/tests/"), doc
