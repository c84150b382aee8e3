"""Parts of the pool that are killed: templates, what waits, launchers, the executor itself. What becomes of the requests
in hand and of the next ones, and that nothing is left: statuses, bytes, timings.start, /ready, processes.
"""

import collections
import concurrent.futures
import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

import pytest
from procfs import descendants, process_table
from stack import ROOT, Stack, wait_until
from templates import (
    NEEDED, TIERS, alive, ask, degraded, javascript, kill, one_of_each, pool, program, template_pids, templates, there, warm_again)

# They share a stack: one pytest process has them.
KILLED = pytest.mark.xdist_group("templates-killed")
CGROUPS = pytest.mark.needs_cgroups

pytestmark = NEEDED


class FullPool:
    """A stack whose pool is full; another one after a test that failed, so that one failure is one."""

    def __init__(self):
        self.stack = None

    def fresh(self):
        if self.stack is None:
            self.stack = Stack(slots=4, queue=64, workers=24, native='queue_wait_ms = "120s"').start()
            one_of_each(self.stack, 1)
            self.stack.wait_warm()
            self.stack.before = self.stack.rest()
        return self.stack

    def stop(self, check=True):
        stack, self.stack = self.stack, None
        if stack:
            stack.stop(check)


@pytest.fixture(scope="module")
def full_pool():
    one = FullPool()
    yield one
    one.stop()


@pytest.fixture
def killed(full_pool, request):
    yield full_pool.fresh()
    if request.node.failed:
        full_pool.stop(check=False)


@KILLED
@pytest.mark.parametrize("tier", range(4), ids=TIERS)
def test_a_template_that_is_killed_comes_back(killed, tier):
    victim = template_pids(killed)[tier]
    kill([victim])
    wait_until(lambda: templates(killed)[TIERS[tier]]["state"] != "ready" or victim not in alive([victim]), 10)
    assert "cold" not in one_of_each(killed, 10)[:tier]  # the others' programs wait as before
    wait_until(lambda: len(template_pids(killed)) == 4 and victim not in template_pids(killed), 60, 0.05, "another one")
    warm_again(killed, killed.before)


@KILLED
def test_a_template_that_was_killed_is_reported_until_it_is_back(killed):
    kill(template_pids(killed)[1:2])
    wait_until(lambda: templates(killed)["numpy"]["state"] == "failed", 5, 0.005, "failed")
    assert re.fullmatch(r"template python \(numpy\) failed: its interpreter ended.*", degraded(killed)), degraded(killed)
    found = templates(killed)["numpy"]
    assert found["reason"].startswith("its interpreter ended") and found["waiting"] == 1, found  # what waits is as good as before
    assert ask(killed, program(1, 7)) == "warm"
    assert ask(killed, program(1, 8)) in ("warm", "cold")  # by a larger template
    warm_again(killed, killed.before)
    assert templates(killed)["numpy"]["reason"] is None


@KILLED
def test_templates_are_killed_while_runs_come(killed):
    """Again and again, at any moment of a clone's making: helpers share the template's memory."""
    chance, over = random.Random(7), threading.Event()
    ends = collections.Counter()

    def client(number):
        for n in range(12):
            ends[ask(killed, program((number + n) % 4, 1000 * number + n))] += 1

    def killer():
        while not over.wait(chance.uniform(0.005, 0.25)):
            there = template_pids(killed)
            kill(chance.sample(there, 1) if there else [])

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(6) as clients:
            list(clients.map(client, range(6)))
    finally:
        over.set()
        thread.join()
    assert set(ends) <= {"warm", "cold"}, ends  # a template's end is no run's end
    warm_again(killed, killed.before)


def is_cloning(pid):
    """A helper of the template is under way: its child for less than a millisecond."""
    with contextlib.suppress(OSError):
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return f.read() != ""
    return False


def test_templates_are_killed_in_the_moment_of_cloning(make_stack):
    """The helper shares the template's memory and cgroup, and goes on without it."""
    stack = make_stack(slots=4, queue=32, workers=12)
    one_of_each(stack, 1)
    stack.wait_warm()
    before, over, hits = stack.rest(), threading.Event(), []

    def killer():
        while not over.is_set() and len(hits) < 12:
            pids = template_pids(stack)
            end = time.monotonic() + 0.2
            while time.monotonic() < end and not over.is_set():
                for pid in pids:
                    if is_cloning(pid):
                        kill([pid])
                        hits.append(pid)
                        end = 0

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        end, n = time.monotonic() + 12, 0
        while len(hits) < 12 and time.monotonic() < (end if hits else end + 60):
            with concurrent.futures.ThreadPoolExecutor(3) as clients:
                ends = set(clients.map(lambda i: ask(stack, program(i % 2, n + i)), range(6)))
            assert ends <= {"warm", "cold"}, ends
            n += 1
    finally:
        over.set()
        thread.join()
    assert hits
    warm_again(stack, before)


@KILLED
@pytest.mark.parametrize("kind", ["clone", "clone's pid 1", "prepared box", "interpreter", "interpreter's pid 1", "launcher", "keeper"])
def test_what_waits_is_killed(killed, kind):
    victims = wait_until(lambda: pool(killed)[kind], what=kind)
    kill(victims)
    one_of_each(killed, 20, may_be_killed=True)  # at once: the executor may not have seen it yet
    wait_until(lambda: not alive(victims), 10)
    assert set(one_of_each(killed, 30)) <= {"warm", "ahead", "cold"}
    wait_until(lambda: pool(killed)[kind], 30, what="another " + kind)
    warm_again(killed, killed.before)


@KILLED
def test_what_waits_goes_with_the_keeper_of_its_cell(killed):
    """Nobody asks for it: it would live on in a cell that is none any more."""
    found = pool(killed)
    kill(found["keeper"])
    wait_until(lambda: not alive(found["clone"] + found["prepared box"] + found["interpreter"]), what="the boxes to go")
    warm_again(killed, killed.before)


@KILLED
def test_a_clone_that_is_killed_before_it_has_its_run_is_no_end_of_a_program(killed):
    """It does not look after GO until it is dead: no line of the program has run, so no signal has ended that."""
    clones = pool(killed)["clone"]
    for pid in clones:
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: {process_table()[pid][1] for pid in clones} == {"T"}, 10, what="all to stand still")
    with concurrent.futures.ThreadPoolExecutor(1) as client:
        answer = client.submit(ask, killed, program(0, 5))
        wait_until(lambda: killed.get("/ready").json["running"] == 1, what="the run to be a clone's")
        time.sleep(0.1)
        kill(clones)
        answer.result()
    warm_again(killed, killed.before)


HOG = """
import os, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
except PermissionError:
    pass
print("on", flush=True)
end = time.monotonic() + 0.8  # the kernel takes a core from it after 0.95
while time.monotonic() < end:
    pass
"""


@KILLED
@pytest.mark.parametrize("kinds", [["clone"], ["clone", "clone's pid 1"]], ids=["clone", "clone and pid 1"])
def test_a_clone_that_is_killed_while_its_run_comes_is_no_end_of_a_program(killed, kinds):
    """It is given no core between the two, so the kernel has it receive what has come, and then die. Pid 1 may tell of it, or die, too."""
    found, cpu = pool(killed), max(os.sched_getaffinity(0))
    for pid in found["clone"] + found["clone's pid 1"]:
        os.sched_setaffinity(pid, {cpu})
    with subprocess.Popen([sys.executable, "-c", HOG, str(cpu)], stdout=subprocess.PIPE) as hog, concurrent.futures.ThreadPoolExecutor(1) as client:
        assert hog.stdout.readline() == b"on\n"
        answer = client.submit(ask, killed, program(0, 5))
        wait_until(lambda: killed.get("/ready").json["running"] == 1 or hog.poll() is not None, what="the run to be given to it")
        kill(pid for kind in kinds for pid in found[kind])
        assert answer.result() in ("warm", "cold")
    warm_again(killed, killed.before)


@KILLED
def test_a_template_that_does_not_answer_holds_no_run_up_for_ever(killed):
    """SETUP_WAIT_MS is for every run, also for one whose box was made before it came."""
    stopped = template_pids(killed)[0]
    os.kill(stopped, signal.SIGSTOP)
    try:
        with concurrent.futures.ThreadPoolExecutor(3) as clients:
            ends = list(clients.map(lambda n: ask(killed, program(0, n), timeout=28), range(3)))
        assert "warm" in ends, ends  # the one that waited
    finally:
        kill([stopped])
    warm_again(killed, killed.before)


@KILLED
def test_what_waits_is_killed_while_runs_come(killed):
    chance, over, most = random.Random(8), threading.Event(), 48
    ends = collections.Counter()

    def client(number):
        for n in range(12):
            request = javascript(n) if (number + n) % 5 == 4 else program((number + n) % 5, 1000 * number + n)
            ends[ask(killed, request, may_be_killed=True)] += 1

    def killer():
        for _ in range(most):
            if over.wait(chance.uniform(0.02, 0.2)):
                return
            found = pool(killed)
            there = [pid for kind in sorted(found) for pid in found[kind]]
            kill(chance.sample(there, 1) if there else [])

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(6) as clients:
            list(clients.map(client, range(6)))
    finally:
        over.set()
        thread.join()
    assert sum(ends[start] for start in ("warm", "ahead", "cold")) >= 72 - most, ends  # each ends one run at most
    warm_again(killed, killed.before)


@KILLED
def test_300_runs_of_all_kinds_leave_nothing(killed):
    """Ends of every kind, on programs that waited: exceptions, floods, aborts, deadlines, clients that leave."""
    kinds = {"good": ("print(%d)", {}), "raises": ("raise ValueError(%d)", {}), "aborts": ("import os; os.abort()  # %d", {}),
             "floods": ("while True: print('x' * 65536)  # %d", {}), "endless": ("print('on', flush=True)\nwhile True: pass  # %d", {"timeout": 0.5}),
             "threads": ("import threading\nfor i in range(5): threading.Thread(target=print, args=(i,)).start()  # %d", {}),
             "leaves": ("import time\nprint('on', flush=True)\ntime.sleep(30)  # %d", {})}
    chance = random.Random(3)
    sequence = [chance.choice(["good"] * 20 + ["raises"] * 14 + ["aborts"] * 8 + ["threads"] * 4 + ["floods", "endless", "leaves", "leaves"])
                for _ in range(300)]

    def one(number):
        code, fields = kinds[sequence[number]]
        if sequence[number] == "leaves":
            with killed.begin(code % number, timeout=30):
                time.sleep(0.1)
            return None
        doc = killed.run(code % number, **fields)
        end = (doc["status"], doc["exit_code"], doc["signal"], doc["termination"]["reason"])
        assert end == {"good": ("success", 0, None, "exited"), "threads": ("success", 0, None, "exited"),
                       "raises": ("failed", 1, None, "exited"), "aborts": ("failed", None, "SIGABRT", "signaled"),
                       "floods": ("failed", None, "SIGKILL", "output"),
                       "endless": ("failed", None, "SIGKILL", "wall_time")}[sequence[number]], doc
        if sequence[number] == "good":
            assert doc["stdout"] == "%d\n" % number, doc
        return doc["timings"]["start"]

    with concurrent.futures.ThreadPoolExecutor(3) as clients:
        starts = collections.Counter(clients.map(one, range(300)))
    assert set(starts) == {"warm", None}, starts
    wait_until(lambda: not killed.box_pids(), 15)
    killed.wait_warm()
    killed.settle(killed.before)


@KILLED
@pytest.mark.parametrize("victim", ["working child", "supervisor"])
def test_nothing_outlives_the_executor(killed, victim):
    child = killed.executor_child()
    everything = [pid for pid in descendants(child) if pid != child]
    assert len(everything) >= 4 + 2 * 5 + 1
    kill([child if victim == "working child" else killed.pid("executor")])
    # Without a supervisor it is init that reaps, before pid 1 of a box can end.
    wait_until(lambda: not alive(everything), 30, what="everything that waits to be gone")
    if victim == "supervisor":
        killed.processes.pop("executor").wait()
        answer = killed.post(program(0, 5)[0])
        assert answer.status == 503 and answer.problem()["code"] == "executor_unreachable", answer
        killed.start_executor()
    wait_until(lambda: killed.get("/ready").status == 200, 60, what="ready again")
    killed.wait_warm()
    warm_again(killed, killed.before)


@KILLED
def test_sigterm_ends_everything(killed):
    everything = descendants(killed.pid("executor"))
    process = killed.processes.pop("executor")
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not there(everything)
    assert set(killed.cgroup_dirs()) <= set(killed.delegated)
    assert os.listdir(killed.path("native")) == []
    killed.start_executor()
    wait_until(lambda: killed.get("/ready").status == 200, 60, what="ready again")
    killed.wait_warm()
    warm_again(killed, killed.before)


@pytest.mark.parametrize("executor", ["root", "rootless"])
def test_sigterm_while_it_starts_leaves_nobody_to_init(make_stack, executor):
    """Not even dead ones: pid 1 of a box ends when who was in it has been reaped, and not every init does that soon."""
    stack = make_stack(executor=executor, wait=False)
    for n in range(8):
        wait_until(stack.executor_child, 20, what="a child")
        time.sleep(n * 0.2)
        process = stack.processes.pop("executor")
        everything = set(descendants(process.pid))
        process.send_signal(signal.SIGTERM)
        everything |= set(descendants(process.pid))
        assert process.wait(20) == 0
        assert not there(everything), stack.log()
        assert "not ready" not in stack.log() and "trial run of" not in stack.log()  # those that were cut off have not failed
        stack.start_executor()


def test_sigterm_does_not_wait_for_what_is_not_its_own(make_stack):
    """Children that the supervisor had before it was one: a shell that has started something and then executes it."""
    stack = make_stack(start="cold", executor="root" if ROOT else "rootless")
    process = stack.processes.pop("executor")
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    as_user = stack.as_user

    def from_a_shell(uid):
        return as_user(uid) + ["/bin/sh", "-c", 'sleep 300 & echo $! > "$0"; exec "$@"', stack.path("log", "sleep.pid")]
    stack.as_user = from_a_shell
    stack.start_executor()
    with open(stack.path("log", "sleep.pid")) as f:
        sleeper = int(f.read())
    try:
        wait_until(lambda: stack.get("/ready").status == 200, 30, what="ready again")
        process = stack.processes.pop("executor")
        everything = [pid for pid in descendants(process.pid) if pid != sleeper]
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert time.monotonic() - begun < 5, "it waits 5 s and again 5 s for somebody to end"
        assert alive([sleeper]) and not there(everything)
        assert "do not end" not in stack.log()
    finally:
        os.kill(sleeper, signal.SIGKILL)
    stack.as_user = as_user
    stack.start_executor()


def test_rootless_all_that_waits_is_killed_at_once(make_stack):
    stack = make_stack(executor="rootless", slots=2, queue=32, workers=12)
    one_of_each(stack, 1)
    stack.wait_warm()
    before = stack.rest()
    for _ in range(2):
        kill([pid for pids in pool(stack).values() for pid in pids])
        one_of_each(stack, 10, may_be_killed=True)
        wait_until(lambda: len(template_pids(stack)) == 4, 60, 0.05, "templates")
        warm_again(stack, before)
    everything = [pid for pid in descendants(stack.executor_child())]
    kill([stack.executor_child()])
    wait_until(lambda: not alive(everything), 10, what="everything that waits to be gone")
    wait_until(lambda: stack.get("/ready").status == 200, 60, what="ready again")
    stack.wait_warm()
    warm_again(stack, before)
