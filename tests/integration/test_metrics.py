"""GET /metrics through the real nginx: promtool reads it, docs/METRICS.md lists it, and it counts exactly, however many workers
come, go and are killed meanwhile."""

import concurrent.futures
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from procfs import links
from stack import ROOT, SOURCE, wait_until
from waiting import patiently

LABELS = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
STAGES = "sandgate_execution_stage_duration_seconds"
BY_CLOCK = ("process_", "sandgate_boxes", "sandgate_template", "sandgate_executor_", "sandgate_slots", "sandgate_queue")


def scrape(stack):
    """{(name, labels as a sorted tuple): value}"""
    answer = stack.get("/metrics")
    assert answer.status == 200, answer
    series = {}
    for line in answer.body.decode().splitlines():
        if line and line[0] != "#":
            name, labels, value = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? (\S+)", line).groups()
            key = (name, tuple(sorted(LABELS.findall(labels or ""))))
            assert key not in series, line
            series[key] = float(value)
    return series


def key(name, **labels):
    return name, tuple(sorted(labels.items()))


STARTS = "sandgate_worker_starts_total"  # a worker may begin at any time: one that has served a thousand requests ends


def counted(before, after, but=(STARTS,)):
    """What has grown of what workers count, without sums and buckets, which depend on the clock."""
    assert set(before) == set(after), set(before) ^ set(after)
    return {k: after[k] - before[k] for k in after if after[k] != before[k]
            and not k[0].startswith(BY_CLOCK) and not k[0].endswith(("_sum", "_bucket")) and k[0] not in but}


def executed(n, engine, status, reason, language="python"):
    return {key("sandgate_executions_total", language=language, engine=engine, status=status, reason=reason): n}


def stages(engine, **counts):
    return {key(STAGES + "_count", engine=engine, stage=stage): n for stage, n in counts.items()}


def requests(route, status, n):
    return {key("sandgate_http_requests_total", route=route, status=str(status)): n}


SCRAPED = requests("/metrics", 200, 1)  # a request is counted when it has been answered: the scrape before

# ---- form -----------------------------------------------------------------------------------------------------


def test_promtool_finds_nothing(any_stack):
    """Names, types, HELP, units as Prometheus wants them."""
    any_stack.run("print(1)")
    answer = any_stack.get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.body.endswith(b"\n")
    assert shutil.which("promtool"), "promtool is not installed (Debian's package prometheus)"
    done = subprocess.run(["promtool", "check", "metrics"], input=answer.body, capture_output=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_promtool_would_find_something():
    text = b"# HELP a_ms_total x\n# TYPE a_ms_total gauge\na_ms_total 1\n"
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=30)
    assert done.returncode != 0 and done.stderr


def test_documented(stack):
    """docs/METRICS.md lists every metric with its type and labels, and no other, in the order of the answer."""
    with open(os.path.join(SOURCE, "docs", "METRICS.md")) as f:
        table = f.read().partition("## What there is")[2].partition("\n## ")[0]
    documented = []
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `"):
            documented.append((cells[0].strip("`"), cells[1], sorted(re.findall(r"`(\w+)`", cells[2]))))
    body = stack.get("/metrics").body.decode()
    types = re.findall(r"^# TYPE (\w+) (\w+)$", body, re.M)
    assert [name for name, _ in types] == re.findall(r"^# HELP (\w+) \S.*$", body, re.M)
    found = []
    for name, kind in types:
        sample = re.search(r"^%s(?:_bucket)?(?:\{(.*)\})? " % name, body, re.M)
        found.append((name, kind, sorted(k for k, _ in LABELS.findall(sample.group(1) or "") if k != "le")))
    assert found == documented


def test_http(stack):
    head = stack.request("HEAD", "/metrics")
    assert (head.status, head.body) == (200, b"") and int(head.headers["Content-Length"]) > 10000
    prometheus = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    for accept in (prometheus, "text/plain", "text/*", "*/*"):
        assert stack.get("/metrics", headers={"Accept": accept}).status == 200, accept
    for accept in ("image/png", "application/json", "application/openmetrics-text;version=1.0.0", "text/plain;q=0, */*"):
        doc = stack.get("/metrics", headers={"Accept": accept}).problem()
        assert (doc["status"], doc["code"], doc["detail"]) == (406, "not_acceptable", "Accept leaves out text/plain"), accept
        assert "JSON" not in doc["title"] and "json" not in doc["hint"], doc
    answer = stack.post("{}", path="/metrics")
    assert answer.problem()["code"] == "method_not_allowed" and answer.headers["Allow"] == "GET, HEAD"


def test_open_to_this_machine_alone(stack):
    """127.0.0.2 is a client of its own to nginx."""
    with socket.socket() as s:
        s.bind(("127.0.0.2", 0))
        s.settimeout(10)
        s.connect(("127.0.0.1", stack.port))
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := s.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 403 ") and b'"code":"forbidden"' in answer and b"sandgate_slots" not in answer


# ---- what is counted ------------------------------------------------------------------------------------------


def test_each_kind_of_execution(any_stack):
    """One of each, and nothing else has changed."""
    engine = any_stack.name_of_engine
    any_stack.run("print(1)")
    before = scrape(any_stack)
    starts = [any_stack.run(code, **fields)["timings"]["start"] for code, fields in (
        ("print(1)", {}), ("print(1)", {"validate": True}), ("1 / 0", {}), ("import os; os.kill(os.getpid(), 9)", {}),
        ("while True: pass", {"timeout": 0.3}), ("print('x' * 70 * 2**20)", {}))]
    assert any_stack.post({"language": "python", "code": "import os, socket\nos.system('id')"}).json["status"] == "rejected"
    expected = {}
    for wanted in (executed(2, engine, "success", "exited"), executed(1, engine, "failed", "exited"),
                   executed(1, engine, "failed", "signaled"), executed(1, engine, "failed", "wall_time"),
                   executed(1, engine, "failed", "output"), executed(1, engine, "rejected", "risk_score"),
                   stages(engine, validate=2, queue=6, setup=6, run=6, collect=6, total=7),
                   requests("/v1/execute", 200, 7), SCRAPED):
        expected.update(wanted)
    for start in set(starts):
        expected[key("sandgate_execution_starts_total", language="python", engine=engine, start=start)] = starts.count(start)
    for decision in ("allowed", "rejected"):
        expected[key("sandgate_validations_total", language="python", policy="strict", decision=decision)] = 1
    now = counted(before, scrape(any_stack))
    rules = {k: now.pop(k) for k in list(now) if k[0] == "sandgate_rule_refusals_total"}
    assert now == expected
    assert key("sandgate_rule_refusals_total", rule="python.import.os") in rules and set(rules.values()) == {1.0}


def test_compile_stage(make_stack):
    """Compiled once for a run, for tests, and for code that is none; of that nothing ran."""
    stack = make_stack(languages=("python", "c"), start="cold")
    before = scrape(stack)
    one = stack.post({"language": "c", "validate": False, "code": "int main(void) { return 0; }"})
    assert re.search(r", compile;dur=\d+\.\d{3}, queue;", one.headers["Server-Timing"])
    two = stack.post({"language": "c", "validate": False, "code": "int main(void) { return 0; }", "tests": [{}, {}]})
    assert re.match(r"compile;dur=\d+\.\d{3}, queue;", two.headers["Server-Timing"])
    none = stack.post({"language": "c", "validate": False, "code": "int main(void) { return x; }"})
    assert re.fullmatch(r"compile;dur=\d+\.\d{3}", none.headers["Server-Timing"])
    after = scrape(stack)
    assert counted(before, after, ) == {
        **executed(3, "native", "success", "exited", "c"), **executed(1, "native", "failed", "exited", "c"),
        **stages("native", compile=3, queue=3, setup=3, run=3, collect=3, total=4), **requests("/v1/execute", 200, 3), **SCRAPED,
        key("sandgate_execution_starts_total", language="c", engine="native", start="cold"): 3}
    took = key(STAGES + "_sum", engine="native", stage="compile")
    assert after[took] > 0.003, "three compilations"



def test_each_test_is_an_execution(any_stack):
    """And its code is scored once."""
    engine = any_stack.name_of_engine
    any_stack.run("print(1)")
    before = scrape(any_stack)
    cases = [{"stdin": "1", "expected_stdout": "2\n"}, {"stdin": "x"}, {"stdin": "3"}]
    doc = any_stack.run("print(int(input()) * 2)", tests=cases, validate=True)
    assert doc["test_summary"] == {"total": 3, "passed": 2, "failed": 1, "skipped": 0}
    grown = counted(before, scrape(any_stack), but=("sandgate_execution_starts_total", STARTS))
    expected = {key("sandgate_validations_total", language="python", policy="strict", decision="allowed"): 1}
    for wanted in (executed(2, engine, "success", "exited"), executed(1, engine, "failed", "exited"),
                   stages(engine, validate=1, queue=3, setup=3, run=3, collect=3, total=3),
                   requests("/v1/execute", 200, 1), SCRAPED):
        expected.update(wanted)
    assert grown == expected


def test_rules_are_those_of_the_answer(stack):
    """Each rule that added to the score, once, however often it was found."""
    before = scrape(stack)
    code = "import os\nimport os\neval('1')\neval('2')\nimport socket\n"
    findings = stack.post({"language": "python", "code": code}).json["validation"]["findings"]
    stack.post({"language": "python", "code": code}, path="/v1/validate")  # tells, and refuses nothing
    stack.post({"language": "python", "code": code, "policy": "report"})   # lets it through
    grown = counted(before, scrape(stack))
    rules = {dict(k[1])["rule"]: n for k, n in grown.items() if k[0] == "sandgate_rule_refusals_total"}
    assert rules == {f["rule"]: 1 for f in findings if f["score"] > 0} and len(rules) >= 3
    decisions = {dict(k[1])["policy"] + " " + dict(k[1])["decision"]: n for k, n in grown.items()
                 if k[0] == "sandgate_validations_total"}
    assert decisions == {"strict rejected": 2, "report allowed": 1}


def test_problems_and_routes(stack):
    before = scrape(stack)
    for body in ("{", "{}", '{"language":"cobol","code":""}', '{"language":"python","code":"","version":"1.0","validate":false}'):
        stack.post(body)
    stack.get("/health")
    stack.get("/v1/nothing")
    stack.get("/v1/other%22nothing")
    stack.post("{}", path="/v1/limits")
    expected = {}
    for wanted in (requests("/v1/execute", 400, 1), requests("/v1/execute", 422, 3), requests("/health", 200, 1),
                   requests("other", 404, 2), requests("/v1/limits", 405, 1), SCRAPED):
        expected.update(wanted)
    expected.update({key("sandgate_problems_total", code=code): n for code, n in (
        ("malformed_json", 1), ("invalid_request", 2), ("unknown_runtime", 1), ("not_found", 2), ("method_not_allowed", 1))})
    assert counted(before, scrape(stack)) == expected


def test_client_that_leaves_is_counted_once(make_stack):
    """One that runs, one that waits for a slot: both are cancelled executions, and 499."""
    stack = make_stack(slots=1, queue=2, workers=4)
    before = scrape(stack)
    first = stack.begin("import time; time.sleep(60)")
    wait_until(stack.box_pids, what="the run's start")
    second = stack.begin("print(1)")
    wait_until(lambda: scrape(stack)[key("sandgate_queue_length", engine="native")] == 1, what="the one that waits")
    second.close()
    first.close()
    left = requests("/v1/execute", 499, 2)
    wait_until(lambda: scrape(stack)[next(iter(left))] == 2, what="both to be counted")
    time.sleep(0.3)  # for what must not come
    grown = counted(before, scrape(stack), but=("sandgate_http_requests_total", STARTS))
    assert grown == {**executed(2, "native", "failed", "cancelled"), **stages("native", total=2)}
    assert stack.run("print(1)")["success"]


def test_a_cancelled_test_is_counted_from_the_end_of_the_one_before(stack):
    before = scrape(stack)
    connection = stack.begin("import time; time.sleep(float(input()))", tests=[{"stdin": "6"}, {"stdin": "60"}])
    took, runs = key(STAGES + "_sum", engine="native", stage="total"), key(STAGES + "_count", engine="native", stage="total")
    wait_until(lambda: scrape(stack)[runs] == before[runs] + 1, what="the end of the first test")
    wait_until(stack.box_pids, what="the second test")
    connection.close()
    wait_until(lambda: scrape(stack)[runs] == before[runs] + 2, what="both to be counted")
    assert 6 <= scrape(stack)[took] - before[took] < 12


def test_clients_cannot_make_series(stack):
    before = scrape(stack)
    for name in ("cobol", 'a"} 1\nb{c="', "python\\", "x" * 3000, "é"):
        stack.post({"language": name, "code": "1"})
        stack.post({"language": "python", "code": "1", "policy": name, "engine": name, "id": name})
        stack.post({"language": "python", "code": "1"}, headers={"X-Request-Id": "a"}, path="/v1/%s" % ("y" * 100))
        stack.get("/v1/%22%0a" + "z" * 200)
    assert set(scrape(stack)) == set(before)


# ---- many short-lived workers ---------------------------------------------------------------------------------

MIX = [({"language": "python", "code": "print(1)", "validate": False}, 200),
       ({"language": "python", "code": "print(1)"}, 200),
       ({"language": "python", "code": "1/0", "validate": False}, 200),
       ({"language": "python", "code": "import os"}, 200),
       ({"language": "python"}, 422),
       ({"language": "cobol", "code": ""}, 422)]


def test_exact_while_workers_are_replaced(make_stack):
    """A known mix from several clients at once; each worker lives for seven requests."""
    stack = make_stack(workers=6, slots=2, queue=20, requests=7)
    first = set(stack.worker_pids())
    before = scrape(stack)
    rounds, threads = 12, 4

    def client(_):
        for body, status in MIX * rounds:
            assert stack.post(body).status == status

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        list(pool.map(client, range(threads)))
    n = rounds * threads
    wait_until(lambda: not first & set(stack.worker_pids()), what="all workers to have been replaced")
    after = scrape(stack)
    grown = counted(before, after, but=())
    replaced = grown.pop(key(STARTS))
    assert replaced >= 6 * n // 7 - 6, "every seventh request ends a worker"
    expected = {}
    for wanted in (executed(2 * n, "native", "success", "exited"), executed(n, "native", "failed", "exited"),
                   executed(n, "native", "rejected", "risk_score"),
                   stages("native", validate=2 * n, queue=3 * n, setup=3 * n, run=3 * n, collect=3 * n, total=4 * n),
                   requests("/v1/execute", 200, 4 * n), requests("/v1/execute", 422, 2 * n), SCRAPED):
        expected.update(wanted)
    expected[key("sandgate_problems_total", code="invalid_request")] = 2 * n
    expected[key("sandgate_rule_refusals_total", rule="python.import.os")] = n
    for decision in ("allowed", "rejected"):
        expected[key("sandgate_validations_total", language="python", policy="strict", decision=decision)] = n
    starts = {k: grown.pop(k) for k in list(grown) if k[0] == "sandgate_execution_starts_total"}
    assert sum(starts.values()) == 3 * n
    assert grown == expected
    for stage in ("validate", "queue", "setup", "run", "collect", "total"):
        of = [(float(dict(k[1])["le"]), v) for k, v in after.items()
              if k[0] == STAGES + "_bucket" and dict(k[1])["stage"] == stage]
        values = [v for _, v in sorted(of)]
        assert values == sorted(values) and values[-1] == after[key(STAGES + "_count", engine="native", stage=stage)]
        assert of[0][0] == 0.0005 and sorted(of)[-2][0] == 120 and sorted(of)[-1][0] == float("inf")


def test_workers_killed_at_any_moment(make_stack):
    """What was answered is counted, what was killed at most once, and the file is whole."""
    stack = make_stack(workers=4, slots=4, queue=8)
    before = scrape(stack)
    answered, sent, stop = [0], [0], threading.Event()
    lock = threading.Lock()

    def client():
        while not stop.is_set():
            with lock:
                sent[0] += 1
            status = stack.post({"language": "python", "code": "print(1)", "validate": False}).status
            assert status in (200, 502), status
            with lock:
                answered[0] += status == 200

    clients = [threading.Thread(target=client) for _ in range(3)]
    for one in clients:
        one.start()
    killed = 0
    end = time.monotonic() + 4
    while time.monotonic() < end:
        for pid in stack.worker_pids()[:2]:
            try:
                os.kill(pid, signal.SIGKILL)
                killed += 1
            except ProcessLookupError:
                pass
        time.sleep(0.05)
    stop.set()
    for one in clients:
        one.join(60)
    wait_until(lambda: len(stack.worker_pids()) == 4, what="workers")
    after = scrape(stack)
    assert after[key("sandgate_counters_up")] == 1
    grown = counted(before, after)
    ran = grown[next(iter(executed(0, "native", "success", "exited")))]
    ok = grown[next(iter(requests("/v1/execute", 200, 0)))]
    assert killed >= 8 and answered[0] > 0
    assert answered[0] <= ok <= ran <= sent[0], (answered, ok, ran, sent, killed)
    if sent[0] > answered[0]:
        assert ran - answered[0] <= killed


# ---- executors ------------------------------------------------------------------------------------------------


def test_gauges(make_stack):
    stack = make_stack(slots=1, queue=3, workers=4)
    gauges = scrape(stack)

    def now(name, **labels):
        return gauges[key(name, engine="native", **labels)]

    assert (now("sandgate_engine_up"), now("sandgate_engine_ready")) == (1, 1)
    assert (now("sandgate_slots"), now("sandgate_slots_used")) == (1, 0)
    assert (now("sandgate_queue_capacity"), now("sandgate_queue_length")) == (3, 0)
    runtimes = stack.get("/v1/runtimes").json
    templates = [t for r in runtimes for t in r["templates"]]
    assert now("sandgate_templates", state="ready") == len(templates)
    assert now("sandgate_templates", state="failed") == now("sandgate_templates", state="starting") == 0
    assert now("sandgate_boxes", state="clone") == sum(t["waiting"] for t in templates)
    assert now("sandgate_template_clones_total") == sum(t["clones"] for t in templates)
    assert now("sandgate_boxes", state="ahead") == sum(r["start"] == "ahead" for r in runtimes)
    with stack.begin("import time; time.sleep(60)"):
        wait_until(stack.box_pids, what="the run's start")
        with stack.begin("print(1)"):
            wait_until(lambda: stack.get("/ready").json["queued"] == 1, what="the one that waits")
            gauges = scrape(stack)
            assert (now("sandgate_slots_used"), now("sandgate_queue_length")) == (1, 1)
            assert now("sandgate_boxes", state="running") == 1
    wait_until(lambda: stack.get("/ready").json["running"] == 0, what="the end of both")
    gauges = scrape(stack)
    assert (now("sandgate_slots_used"), now("sandgate_queue_length")) == (0, 0)
    assert now("sandgate_executor_runs_total") == stack.get("/ready").json["runs_total"]


def test_process_figures(make_stack):
    """Those of the executor's working child, as /proc has them."""
    stack = make_stack(slots=2)
    pid = stack.executor_child()
    figures = {name: value for (name, _), value in scrape(stack).items() if name.startswith("process_")}
    with open("/proc/%d/statm" % pid) as f:
        virtual, resident = [int(n) * os.sysconf("SC_PAGESIZE") for n in f.read().split()[:2]]
    assert abs(figures["process_resident_memory_bytes"] - resident) < 1 << 20
    assert abs(figures["process_virtual_memory_bytes"] - virtual) < 8 << 20
    if ROOT:
        assert abs(figures["process_open_fds"] - len(os.listdir("/proc/%d/fd" % pid))) <= 10
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    began = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + int(fields[19]) / ticks
    assert abs(figures["process_start_time_seconds"] - began) < 2
    assert abs(figures["process_cpu_seconds_total"] - (int(fields[11]) + int(fields[12])) / ticks) < 0.5
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: stack.executor_child() not in (None, pid), what="another child")
    wait_until(lambda: stack.get("/ready").status == 200, 30, what="the executor's return")
    again = {name: value for (name, _), value in scrape(stack).items() if name.startswith("process_")}
    assert again["process_start_time_seconds"] > figures["process_start_time_seconds"]


def test_executor_that_is_away(make_stack):
    """Is a figure, not an error; the counters are there."""
    stack = make_stack(workers=2)
    stack.run("print(1)")
    assert not stack.stop_process("executor")
    series = scrape(stack)
    assert series[key("sandgate_engine_up", engine="native")] == 0
    assert key("sandgate_slots", engine="native") not in series
    assert series[next(iter(executed(0, "native", "success", "exited")))] == 1
    assert stack.post({"language": "python", "code": "1", "validate": False}).status == 503
    assert scrape(stack)[key("sandgate_problems_total", code="executor_unreachable")] == 1


def test_private_executors_are_not_shown(make_stack):
    stack = make_stack(executor="embedded", workers=2)
    stack.run("print(1)")
    series = scrape(stack)
    assert not [k for k in series if k[0].startswith(("process_", "sandgate_slots", "sandgate_engine_up"))]
    assert series[next(iter(executed(0, "native", "success", "exited")))] == 1


def test_plain_cgi(make_stack):
    """Each request is a process of its own, and counts."""
    stack = make_stack(cgi=True, workers=3)
    before = scrape(stack)
    stack.run("print(1)")
    stack.post("{}")
    wait_until(lambda: scrape(stack)[next(iter(requests("/v1/execute", 422, 1)))] == 1, what="the last one")
    grown = counted(before, scrape(stack), but=("sandgate_http_requests_total", "sandgate_worker_starts_total",
                                                "sandgate_execution_starts_total"))
    assert grown == {**executed(1, "native", "success", "exited"), key("sandgate_problems_total", code="invalid_request"): 1,
                     **stages("native", queue=1, setup=1, run=1, collect=1, total=1)}


@pytest.mark.xdist_group("docker")
def test_two_engines(make_docker_stack):
    stack = make_docker_stack(native_too=True, slots=2, waiting=1)
    before = scrape(stack)
    for engine in ("native", "docker", "docker"):
        assert stack.run("print(1)", engine=engine)["engine"] == engine
    after = scrape(stack)
    for engine, n in (("native", 1), ("docker", 2)):
        k = next(iter(executed(0, engine, "success", "exited")))
        assert after[k] - before[k] == n
        assert after[key("sandgate_engine_up", engine=engine)] == after[key("sandgate_engine_ready", engine=engine)] == 1
        assert after[key("sandgate_slots", engine=engine)] == 2
        assert after[key("process_resident_memory_bytes", engine=engine)] > 1 << 20
    runtimes = len(stack.get("/v1/runtimes").json) or 1
    stack.wait_full()
    waiting = scrape(stack)
    assert sum(waiting[key("sandgate_boxes", engine="docker", state=s)] for s in ("ahead", "prepared")) <= runtimes + 1


# ---- the file -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path,why", [("/proc/no/such/file", "No such file"), ("/proc", "Is a directory"), ("", "is empty")])
def test_without_a_file_it_says_so(make_stack, path, why):
    """And everything else works."""
    stack = make_stack(workers=2, worker='metrics = "%s"' % path)
    assert stack.run("print(1)")["success"]
    body = stack.get("/metrics").body.decode()
    assert re.search(r"^# nothing is counted for /metrics: .*%s" % why, body, re.M), body[:500]
    assert "\nsandgate_counters_up 0\n" in body and "sandgate_executions_total" not in body
    assert "\nsandgate_slots{" in body
    assert "nothing is counted for /metrics" in stack.log("workers")
    done = subprocess.run(["promtool", "check", "metrics"], input=body.encode(), capture_output=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_file(stack):
    """Of the workers' user alone; and no worker holds it open."""
    path = stack.path("web", "metrics")
    st = os.stat(path)
    assert st.st_mode & 0o7777 == 0o600 and st.st_uid == (65534 if ROOT else os.geteuid())
    assert os.listdir(stack.path("web")) == ["metrics"]
    if ROOT:
        def look():
            assert not [pid for pid in stack.worker_pids() if path in links(pid)]

        patiently(look)


def test_counters_outlive_all_workers(make_stack):
    """Both pools are stopped and started anew: the figures go on."""
    stack = make_stack(workers=2)
    stack.run("print(1)")
    k = next(iter(executed(0, "native", "success", "exited")))
    for name, count in (("workers", 2), ("status", 2)):
        assert not stack.stop_process(name)
        stack.start_workers(name, count)
    stack.wait_ready()  # their sockets are there before they listen
    assert scrape(stack)[k] == 1
    stack.run("print(1)")
    assert scrape(stack)[k] == 2
    with open(stack.path("conf", "sandgate", "rules", "python-own.scm"), "w") as f:
        f.write('((_) @use (#use? @use "print")\n  (#rule! "own.print" 1 info "prints" ""))\n')
    for name, count in (("workers", 2), ("status", 2)):  # one more rule: other series, made anew
        assert not stack.stop_process(name)
        stack.start_workers(name, count)
    stack.wait_ready()  # their sockets are there before they listen
    series = scrape(stack)
    assert series[k] == 0
    assert series[key("sandgate_rule_refusals_total", rule="own.print")] == 0


def test_nonsense_in_the_file_stays_there(make_stack):
    """A worker that was taken over may write what it likes into it: it is numbers, and nothing else."""
    stack = make_stack(workers=2)
    stack.run("print(1)")
    path = stack.path("web", "metrics")
    with open(path, "r+b") as f:
        size = os.fstat(f.fileno()).st_size
        f.write(b"\xff" * size)  # the header too, which nobody who has it mapped reads any more
    body = stack.get("/metrics").body.decode()
    assert "18446744073709551615" in body
    assert stack.run("print(1)")["success"]
    for name, count in (("workers", 2), ("status", 2)):
        assert not stack.stop_process(name)
        stack.start_workers(name, count)
    stack.wait_ready()
    assert scrape(stack)[next(iter(executed(0, "native", "success", "exited")))] == 0
