"""Many clients at once, and parts that are killed in the middle of runs."""

import concurrent.futures
import json
import os
import random
import signal
import subprocess
import threading
import time

import pytest

from procfs import process_table
from stack import ROOT, Stack, wait_until

SLEEP = "import time\nprint('started', flush=True)\ntime.sleep(60)"


def alive(pids):
    table = process_table()
    return [p for p in pids if p in table and table[p][1] != "Z"]


# ---- 200 clients -----------------------------------------------------------------------------------------------

KINDS = {
    "good": ("print(sum(map(int, open('n').read().split())))", {"files": True}),
    "failing": ("raise ValueError('mine')", {}),
    "flooding": ("while True: print('x' * 65536)", {}),
    "endless": ("while True: pass", {"timeout": 1}),
    "hungry": ("x = []\nwhile True: x.append(bytearray(1 << 20))", {"limits": {"memory_bytes": 48 << 20}}),
}


def judge(kind, number, answer):
    if answer.status == 503:
        problem = answer.problem()
        assert problem["code"] == "busy" and 1 <= int(answer.headers["Retry-After"]) <= 60, answer
        return "busy"
    assert answer.status == 200, answer
    doc = answer.json
    assert doc["id"] == "client-%d" % number
    if kind == "good":
        assert doc["stdout"] == "%d\n" % (number * 2), doc
    elif kind == "failing":
        assert doc["exit_code"] == 1 and "ValueError: mine" in doc["stderr"], doc
    else:
        expected = {"flooding": "output", "endless": "wall_time", "hungry": "memory"}[kind]
        assert doc["termination"]["reason"] in (expected, "wall_time"), doc["termination"]
    return "answered"


def test_200_clients(make_stack):
    stack = make_stack(slots=4, queue=64, workers=72, native='queue_wait_ms = "10s"')
    stack.run("print(1)")
    before = stack.rest()
    chance = random.Random(2)
    kinds = [chance.choice(["good"] * 6 + ["failing"] * 3 + ["flooding", "endless", "hungry"]) for _ in range(200)]

    def client(number):
        code, fields = KINDS[kinds[number]]
        body = {"language": "python", "validate": False, "code": code, "id": "client-%d" % number, "timeout": 20, **fields}
        if body.pop("files", None):
            body["files"] = [{"path": "n", "content": "%d %d" % (number, number)}]
        return judge(kinds[number], number, stack.post(body))

    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        results = list(pool.map(client, range(200)))
    assert results.count("answered") >= 20, results
    stack.settle(before)
    assert stack.run("print('after')")["stdout"] == "after\n"


def test_busy_is_an_answer(make_stack):
    stack = make_stack(slots=1, queue=1, workers=6, native='queue_wait_ms = "300ms"')
    first = stack.begin(SLEEP)
    wait_until(lambda: len(stack.box_pids()) >= 2)
    waiting = []
    thread = threading.Thread(target=lambda: waiting.append(stack.post(
        {"language": "python", "validate": False, "code": "print(1)"})))
    thread.start()
    wait_until(lambda: stack.get("/ready").json.get("queued", 0) == 1 or waiting, what="one in the queue")
    refused = stack.post({"language": "python", "validate": False, "code": "print(1)"})
    thread.join()
    for answer in (refused, waiting[0]):
        assert answer.status == 503 and answer.problem()["code"] == "busy", answer
        assert answer.problem()["retryable"] is True and int(answer.headers["Retry-After"]) >= 1
    first.close()
    wait_until(lambda: not stack.box_pids(), 10)
    assert stack.run("print('free')")["stdout"] == "free\n"


def test_health_answers_while_all_workers_are_busy(make_stack):
    stack = make_stack(slots=1, queue=1, workers=2)
    held = [stack.begin(SLEEP), stack.begin(SLEEP)]
    wait_until(lambda: len(stack.box_pids()) >= 2)
    for path in ("/health", "/ready", "/version", "/v1/limits", "/v1/runtimes"):
        assert stack.get(path, timeout=5).status == 200, path
    for s in held:
        s.close()


# ---- leaving, killing ------------------------------------------------------------------------------------------


def begin_and_find(stack):
    s = stack.begin(SLEEP)
    pids = wait_until(lambda: len(stack.box_pids()) >= 2 and stack.box_pids())
    time.sleep(0.3)  # the program runs: its pid 1 has been told, and the interpreter is up
    return s, stack.box_pids() or pids


def test_client_that_leaves_cancels_the_run(stack):
    s, pids = begin_and_find(stack)
    s.close()
    wait_until(lambda: not alive(pids), 10, what="the run's processes to be gone")
    assert stack.run("print(1)")["success"]


def read_all(s):
    s.settimeout(20)
    parts = []
    while part := s.recv(65536):
        parts.append(part)
    return b"".join(parts)


def assert_problem(data):
    head, _, body = data.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    assert 500 <= status < 600, data
    assert b"application/problem+json" in head and b'"status":%d' % status in body.replace(b" ", b""), data


@pytest.mark.parametrize("victim", ["worker", "executor", "supervisor", "pid 1"])
def test_sigkill_in_the_middle(make_stack, victim):
    stack = make_stack(slots=2, queue=2, workers=4)
    stack.run("print(1)")
    stack.wait_warm()
    before = stack.rest()
    s, pids = begin_and_find(stack)
    table = process_table()
    if victim == "worker":
        for pid in stack.worker_pids():
            os.kill(pid, signal.SIGKILL)
    elif victim == "executor":
        os.kill(stack.executor_child(), signal.SIGKILL)
    elif victim == "supervisor":
        os.kill(stack.pid("executor"), signal.SIGKILL)
    else:
        os.kill(min(p for p in pids if table.get(p, ("", "", ""))[2].startswith("sandgate-box")), signal.SIGKILL)
    wait_until(lambda: not alive(pids), 10, what="the run's processes to be gone")
    assert_problem(read_all(s))
    if victim == "supervisor":
        stack.processes.pop("executor").wait()
        assert stack.post({"language": "python", "validate": False, "code": "print(1)"}).status == 503
        stack.start_executor()
        stack.wait_ready()
    else:
        wait_until(lambda: stack.get("/ready").status == 200, 10, what="ready again")
    assert stack.run("print('next')")["stdout"] == "next\n"
    stack.wait_warm()
    wait_until(lambda: all(stack.counts()[name] <= before[name] for name in ("cgroups", "cgroups of boxes")), 10,
               what="the run's cgroups to be gone, those that wait to be there")


def test_a_few_hundred_runs_do_not_grow_anything(stack):
    before = stack.rest()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        docs = list(pool.map(lambda i: stack.run("print(%d)" % i), range(120)))
    assert [d["stdout"] for d in docs] == ["%d\n" % i for i in range(120)]
    stack.settle(before)


def test_private_executors_do_not_disturb_each_other(make_stack):
    """Several of one subtree: names of cgroups, sweeping at start, removing at the end, ids."""
    stack = make_stack(executor="embedded", workers=2)
    program = stack.path("run", "slow.py")
    with open(program, "w") as f:
        f.write("import time\ntime.sleep(0.4)\nprint('slept')")
    command = [stack.path("bin", "sandgate"), "--config", stack.path("conf", "sandgate.conf"), "run", "--json", program]
    for _ in range(3):
        running = []
        for _ in range(5):  # not all at once: some start while others end
            running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
            time.sleep(0.07)
        for process in running:
            out, err = process.communicate(timeout=60)
            assert process.returncode == 0, (out, err)
            doc = json.loads(out)
            assert doc["stdout"] == "slept\n", doc
            assert len(doc["isolation"]["cgroup"]) == (3 if ROOT else 0), doc["isolation"]
    wait_until(lambda: not stack.cgroup_dirs(), 10, what="the subtree to be removed by the last executor")


def test_an_executor_may_be_replaced_while_its_last_runs_end(make_stack):
    stack = make_stack(slots=2, queue=2, workers=4)
    s = stack.begin("import time\ntime.sleep(2)\nprint('last')", timeout=20)
    wait_until(lambda: len(stack.box_pids()) >= 2)
    old = stack.processes.pop("executor")
    old.send_signal(signal.SIGTERM)
    wait_until(lambda: not os.path.exists(stack.path("native", "native.sock")), 5, what="the old path to go")
    stack.start_executor()
    assert b"last" in read_all(s)
    old.wait(15)
    assert os.path.exists(stack.path("native", "native.sock"))
    wait_until(lambda: stack.get("/ready").status == 200, 10)
    assert stack.run("print('new')")["stdout"] == "new\n"


@pytest.mark.needs_root
def test_a_supervisor_that_cannot_fork_kills_nobody():
    """fork(2) fails with EAGAIN: -1 is not a child, and kill(-1, SIGKILL) would be everybody."""
    stack = Stack(executor="rootless", delegate=False, slots=1, queue=1, workers=1)
    stack.prepare()
    bystander = subprocess.Popen(stack.as_user(stack.service_uid) + ["/usr/bin/sleep", "60"])
    try:
        time.sleep(0.3)
        done = subprocess.run(stack.as_user(stack.service_uid) + ["/usr/bin/prlimit", "--nproc=2:2",
                              stack.path("bin", "sandgate-native"), "-c", stack.path("conf", "sandgate.conf")],
                              capture_output=True, text=True, timeout=20)
        assert done.returncode == 1 and "starting the working child: Resource temporarily unavailable" in done.stderr, done
        assert bystander.poll() is None
        assert not os.path.exists(stack.path("native", "native.sock"))
    finally:
        bystander.kill()
        bystander.wait()
        stack.stop()
