"""Programs that wait, and the templates that make them: which one serves, what starts cold, what a run that was started
warm is bound by and billed for, and what becomes of requests when the parts of the pool are killed, replaced or cannot
be had. What a client sees: statuses, bytes, timings.start, /ready, /v1/runtimes. That a program sees no difference is
test_same.py's; what one run leaves to the next is tests/attacks/test_planted.py's.
"""

import collections
import concurrent.futures
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import threading
import time

import pytest
from stack import BUILD, ROOT, Stack, descendants, process_table, wait_until
from test_image import make_image

# Each group shares its stacks: one pytest process has them.
KILLED = pytest.mark.xdist_group("templates-killed")
SERVED = pytest.mark.xdist_group("templates-served")
IMAGE = pytest.mark.xdist_group("templates-image")
CGROUPS = pytest.mark.needs_cgroups

TIERS = ["none", "numpy", "numpy pandas", "numpy pandas matplotlib.pyplot"]
NO_LIBRARY = not os.path.exists(os.path.join(BUILD, "sandgate-template.so")) or "SG_NO_TEMPLATES" in os.environ

pytestmark = pytest.mark.skipif(NO_LIBRARY, reason="this build has no templates")


# ---- what there is ----------------------------------------------------------------------------------------------


def runtime(stack, language="python"):
    return next(r for r in stack.get("/v1/runtimes").json if r["language"] == language)


def templates(stack):
    """{modules: what /v1/runtimes tells of that template}, the smallest first."""
    return {" ".join(t["imports"]) or "none": t for t in runtime(stack)["templates"]}


def degraded(stack):
    answer = stack.get("/ready")
    assert answer.status == 200, answer  # whatever becomes of templates
    return answer.json["degraded"]


def resident(pid):
    with contextlib.suppress(OSError):
        with open("/proc/%d/statm" % pid) as f:
            return int(f.read().split()[1])
    return 0


def template_pids(stack):
    """In the order of TIERS: what has imported more is larger. Helpers and new clones have the name, and other parents."""
    child, table = stack.executor_child(), process_table()
    return sorted((p for p, (ppid, _, name) in table.items() if ppid == child and name == "sandgate-templ"), key=resident)


def pool(stack):
    """{kind: pids} of the processes that wait."""
    child, table, found = stack.executor_child(), process_table(), collections.defaultdict(list)
    parents = {ppid for ppid, _, _ in table.values()}
    for pid in stack.children("executor"):
        ppid, _, name = table.get(pid, (0, "", ""))
        parent = table.get(ppid, (0, "", ""))[2]
        if name == "sandgate-waits" and parent == "sandgate-box":
            found["clone"].append(pid)
            found["clone's pid 1"].append(ppid)
        elif name == "sandgate-waits" and pid in parents:
            found["interpreter's pid 1"].append(pid)
        elif parent == "sandgate-waits":
            found["interpreter"].append(pid)
        elif name == "sandgate-ready":
            found["prepared box"].append(pid)
        elif name == "sandgate-spare":
            found["launcher"].append(pid)
        elif name == "sandgate-cell":
            found["keeper"].append(pid)
        elif name == "sandgate-templ" and ppid == child:
            found["template"].append(pid)
    return found


def kill(pids):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def alive(pids):
    table = process_table()
    return [p for p in pids if p in table and table[p][1] != "Z"]


def there(pids):
    """Those that are in the table of processes: zombies, too."""
    table = process_table()
    return ["%d (%s)" % (p, " ".join(map(str, table[p]))) for p in pids if p in table]


# ---- requests ---------------------------------------------------------------------------------------------------

PROGRAMS = [("", "print(sum(range(%d)))"), ("import numpy", "print(numpy.arange(%d).sum())"),
            ("import numpy, pandas", "print(pandas.Series(range(%d)).sum())"),
            ("import matplotlib.pyplot as plt", "plt.plot([1]); print(sum(range(%d)))")]


def program(tier, n):
    """It needs what that tier has, and its answer is of no other."""
    code = "\n".join(PROGRAMS[tier]) % n
    return {"language": "python", "validate": False, "code": code, "timeout": 60}, "%d\n" % sum(range(n))


def javascript(n):
    return {"language": "javascript", "validate": False, "code": "console.log(%d + 1)" % n}, "%d\n" % (n + 1)


def right_or_clean(answer, expected, may_be_killed=False):
    """The right answer, or a problem document that says that the service failed. Never another's, never half of one.
    may_be_killed: the test's own SIGKILL may have met the program itself, which is told like any other such end."""
    if answer.status != 200:
        problem = answer.problem()
        assert 500 <= answer.status < 600, problem
        return problem["code"]
    doc = answer.json
    if may_be_killed and doc["signal"] == "SIGKILL":
        assert doc["termination"]["reason"] == "signaled" and expected.startswith(doc["stdout"]), doc
        return "killed"
    assert doc["success"] and doc["stdout"] == expected and doc["stderr"] == "", doc
    return doc["timings"]["start"]


def ask(stack, request, timeout=90, **how):
    body, expected = request
    return right_or_clean(stack.post(body, timeout=timeout), expected, **how)


def one_of_each(stack, n, **how):
    """All at once; how each of them ended."""
    requests = [program(tier, n + tier) for tier in range(len(TIERS))] + [javascript(n)]
    with concurrent.futures.ThreadPoolExecutor(len(requests)) as clients:
        return list(clients.map(lambda request: ask(stack, request, **how), requests))


def warm_again(stack, before):
    """Everything waits again, works, and nothing is left behind."""
    time.sleep(0.2)  # who was killed just now is seen to be dead by then
    wait_until(lambda: all(t["state"] == "ready" for t in templates(stack).values()), 30, 0.05, "templates")
    stack.wait_warm()
    assert degraded(stack) is None
    assert set(one_of_each(stack, 100)) <= {"warm", "ahead", "cold"}  # 5 at once: more than wait
    stack.wait_warm()
    stack.settle(before, timeout=10)


# ---- parts that are killed --------------------------------------------------------------------------------------


class FullPool:
    """A stack whose pool is full; another one after a test that failed, so that one failure is one."""

    def __init__(self):
        self.stack = None

    def fresh(self):
        if self.stack is None:
            self.stack = Stack(slots=4, queue=64, workers=24, native='queue_wait_ms = "30s"').start()
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
    wait_until(lambda: templates(killed)[TIERS[tier]]["state"] != "ready" or victim not in alive([victim]), 5)
    assert "cold" not in one_of_each(killed, 10)[:tier]  # the others' programs wait as before
    wait_until(lambda: len(template_pids(killed)) == 4 and victim not in template_pids(killed), 20, 0.05, "another one")
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
        while len(hits) < 12 and time.monotonic() < end:
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
    wait_until(lambda: not alive(victims), 2)
    assert set(one_of_each(killed, 30)) <= {"warm", "ahead", "cold"}
    wait_until(lambda: pool(killed)[kind], 10, what="another " + kind)
    warm_again(killed, killed.before)


@KILLED
def test_a_clone_that_is_killed_before_it_has_its_run_is_no_end_of_a_program(killed):
    """It does not look after GO until it is dead: no line of the program has run, so no signal has ended that."""
    clones = pool(killed)["clone"]
    for pid in clones:
        os.kill(pid, signal.SIGSTOP)
    with concurrent.futures.ThreadPoolExecutor(1) as client:
        answer = client.submit(ask, killed, program(0, 5))
        wait_until(lambda: killed.get("/ready").json["running"] == 1, what="the run to be a clone's")
        time.sleep(0.1)
        kill(clones)
        answer.result()
    warm_again(killed, killed.before)


@KILLED
def test_a_template_that_does_not_answer_holds_no_run_up_for_ever(killed):
    """SETUP_WAIT_MS is for every run, also for one whose box was made before it came."""
    stopped = template_pids(killed)[0]
    os.kill(stopped, signal.SIGSTOP)
    try:
        with concurrent.futures.ThreadPoolExecutor(3) as clients:
            ends = list(clients.map(lambda n: ask(killed, program(0, n), timeout=22), range(3)))
        assert "warm" in ends, ends  # the one that waited
    finally:
        kill([stopped])
    warm_again(killed, killed.before)


@KILLED
def test_what_waits_is_killed_while_runs_come(killed):
    chance, over = random.Random(8), threading.Event()
    ends = collections.Counter()

    def client(number):
        for n in range(12):
            request = javascript(n) if (number + n) % 5 == 4 else program((number + n) % 5, 1000 * number + n)
            ends[ask(killed, request, may_be_killed=True)] += 1

    def killer():
        while not over.wait(chance.uniform(0.02, 0.2)):
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
    assert sum(ends[start] for start in ("warm", "ahead", "cold")) >= 60, ends
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
    wait_until(lambda: not killed.box_pids(), 5)
    killed.wait_warm()
    killed.settle(killed.before, timeout=10)


@KILLED
@pytest.mark.parametrize("victim", ["working child", "supervisor"])
def test_nothing_outlives_the_executor(killed, victim):
    child = killed.executor_child()
    everything = [pid for pid in descendants(child) if pid != child]
    assert len(everything) >= 4 + 2 * 5 + 1
    kill([child if victim == "working child" else killed.pid("executor")])
    # Without a supervisor it is init that reaps, before pid 1 of a box can end.
    wait_until(lambda: not alive(everything), 1.0 if victim == "working child" else 10, what="everything that waits to be gone")
    if victim == "supervisor":
        killed.processes.pop("executor").wait()
        answer = killed.post(program(0, 5)[0])
        assert answer.status == 503 and answer.problem()["code"] == "executor_unreachable", answer
        killed.start_executor()
    wait_until(lambda: killed.get("/ready").status == 200, 20, what="ready again")
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
    wait_until(lambda: killed.get("/ready").status == 200, 20, what="ready again")
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
        assert time.monotonic() - begun < 4, "it waits 5 s and again 5 s for somebody to end"
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
        wait_until(lambda: len(template_pids(stack)) == 4, 20, 0.05, "templates")
        warm_again(stack, before)
    everything = [pid for pid in descendants(stack.executor_child())]
    kill([stack.executor_child()])
    wait_until(lambda: not alive(everything), 1.0, what="everything that waits to be gone")
    wait_until(lambda: stack.get("/ready").status == 200, 20, what="ready again")
    stack.wait_warm()
    warm_again(stack, before)


# ---- templates that are replaced --------------------------------------------------------------------------------


@pytest.mark.parametrize("setting, seconds", [("template_clones = 6", 8), ('template_lifetime_s = "2s"', 8)], ids=["clones", "lifetime"])
def test_a_template_is_replaced(make_stack, setting, seconds):
    stack = make_stack(slots=2, queue=16, workers=8, native=setting)
    first, generations = set(template_pids(stack)), set()
    end, starts, n = time.monotonic() + seconds, collections.Counter(), 0
    while time.monotonic() < end and len(generations) < 8:
        starts[ask(stack, program(0, n))] += 1
        starts[ask(stack, program(1, n))] += 1
        n += 1
        generations |= set(template_pids(stack))
        time.sleep(0.03)
    assert len(generations) >= 6 and len(first & generations) == 4, (first, generations)
    assert set(starts) <= {"warm", "cold"} and starts["warm"] > 10 * starts["cold"], starts
    assert degraded(stack) is None
    assert "failed" not in {t["state"] for t in templates(stack).values()}
    # The old ones are gone: at most a successor more of each.
    wait_until(lambda: len(alive(generations)) <= 8 and len([p for p in first if p in alive(first)]) <= 2, 10, what="the old ones to be gone")


# ---- what is on disk --------------------------------------------------------------------------------------------

MODULES = {
    "tiny": "VALUE = 'first'\n",
    "a_thread": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n",
    "a_file": "kept = open('/etc/passwd')\n",
    "shared": "import mmap\nkept = mmap.mmap(-1, 4096)\n",
    "chatty": "print('said by an import')\n",
    "hooked": "import os\nforked = []\nos.register_at_fork(after_in_child=lambda: forked.append(1))\n",
    "gaussian": "import random\nrandom.gauss(0, 1)\n",
    "leaving": "import sys\nsys.exit(3)\n",
    "dying": "import os\nos.kill(os.getpid(), 11)\n",
}
BAD = {
    "a_thread": "more than one thread", "a_file": "holds files open", "shared": "memory that its clones would share",
    "leaving": "ended", "dying": "its interpreter ended", "no_such_module": "ModuleNotFoundError: No module named 'no_such_module'",
}


def import_these(texts):
    """For Stack(before=...): Python's templates are these."""
    def change(stack):
        path = stack.path("conf", "sandgate", "runtimes.d", "python.conf")
        with open(path) as f:
            text = f.read()
        text, count = re.subn(r"(?m)^templates = .*$", "templates = { %s }" % ", ".join('"%s"' % t for t in texts), text)
        assert count == 1
        with open(path, "w") as f:
            f.write(text)
    return change


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """An image directory with modules of our own."""
    image = str(tmp_path_factory.mktemp("image"))
    for path in (image, *map(str, pathlib.Path(image).parents)):
        if not os.stat(path).st_mode & 0o001:
            os.chmod(path, 0o755)
    make_image(image)
    for name, text in MODULES.items():
        write_module(image, name, text)
    yield image
    shutil.rmtree(image)


def write_module(image, name, text):
    """As package managers do: a new file takes the old one's place."""
    directory = os.path.join(image, "usr", "lib", "python3", "dist-packages")
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "new"), "w") as f:
        f.write(text)
    os.replace(os.path.join(directory, "new"), os.path.join(directory, name + ".py"))


@pytest.fixture(scope="module")
def of_image(image):
    texts = ["none", "tiny", *BAD]
    with Stack(slots=2, queue=8, workers=6, native='root = "%s"' % image, wait=False, before=import_these(texts)) as stack:
        stack.wait_ready()
        wait_until(lambda: "starting" not in [t["state"] for t in templates(stack).values()], 30, 0.05, "templates")
        wait_until(lambda: templates(stack)["tiny"]["waiting"] == 1 == templates(stack)["none"]["waiting"], 10)
        stack.seen = templates(stack)
        yield stack


@IMAGE
@pytest.mark.parametrize("name", BAD)
def test_imports_that_make_no_template(of_image, name):
    """Told to the operator, and never used; the programs that want it run all the same."""
    found = of_image.seen[name]
    assert found["state"] == "failed" and BAD[name] in found["reason"], found
    assert (found["waiting"], found["clones"]) == (0, 0), found
    assert re.search(r"template python \(%s\): .*%s" % (name, re.escape(BAD[name])), of_image.log()), of_image.log()
    if name not in ("leaving", "dying", "no_such_module"):
        doc = of_image.run("import %s, sys\nprint(sorted(set(%r) & set(sys.modules)))" % (name, list(MODULES)))
        assert doc["success"] and doc["stdout"] == "['%s']\n" % name and doc["timings"]["start"] == "cold", doc


@IMAGE
def test_a_failed_template_degrades_and_no_more(of_image):
    name = next(iter(BAD))  # the first in the file
    text = degraded(of_image)
    assert text.startswith("template python (%s) failed: " % name) and BAD[name] in text, text
    cli = [of_image.path("bin", "sandgate"), "-c", of_image.path("conf", "sandgate.conf"), "runtimes"]
    done = subprocess.run(cli, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    assert "No module named 'no_such_module'" in done.stdout and "failed" in done.stdout, done.stdout
    for code in ("print(1)", "import json; print(1)", "import tiny; print(1)"):
        doc = of_image.run(code)
        assert doc["stdout"] == "1\n" and doc["timings"]["start"] == "warm", doc
    doc = of_image.run("import no_such_module")
    assert doc["exit_code"] == 1 and "ModuleNotFoundError: No module named 'no_such_module'" in doc["stderr"], doc


@IMAGE
def test_files_that_change_are_served(image, of_image):
    code = "import tiny, sys\nprint(tiny.VALUE)"
    doc = of_image.run(code)
    assert (doc["stdout"], doc["timings"]["start"]) == ("first\n", "warm"), doc
    wait_until(lambda: templates(of_image)["tiny"]["waiting"] == 1, 10)
    old, old_templates = pool(of_image)["clone"], pool(of_image)["template"]
    assert (len(old), len(old_templates)) == (2, 2)  # of no module, and of this one
    write_module(image, "tiny", "VALUE = 'second'\n")
    wait_until(lambda: (len(alive(old)), len(alive(old_templates))) == (1, 1), 8, what="what waited on the old files to go")
    assert re.search(r"/dist-packages has changed: the template on it is replaced", of_image.log())
    starts = []

    def warm():
        doc = of_image.run(code)
        assert doc["stdout"] == "second\n", doc
        starts.append(doc["timings"]["start"])
        return starts[-2:] == ["warm", "warm"]

    wait_until(warm, 8, 0.05, what="warm again")
    assert set(starts) <= {"warm", "cold"} and degraded(of_image) is not None  # of the others
    assert templates(of_image)["tiny"]["reason"] is None


@IMAGE
def test_what_an_import_prints_is_no_programs_output(make_stack, image):
    """As with any import that is not fit: told, and not used. A program that does not import it has no output of it."""
    stack = make_stack(slots=1, queue=4, workers=4, native='root = "%s"' % image, wait=False, before=import_these(["chatty"]))
    stack.wait_ready()
    wait_until(lambda: templates(stack)["chatty"]["state"] != "starting", 30, 0.05)
    for code, expected in (("print(1)", "1\n"), ("import chatty; print(1)", "said by an import\n1\n"),
                           ("import os; os._exit(0)", "")):
        assert stack.run(code)["stdout"] == expected


@IMAGE
def test_a_fork_hook_of_an_import_is_called(make_stack, image):
    """Of the standard library's own hooks a clone needs none (tests/data/programs/fork_hooks.py)."""
    stack = make_stack(slots=1, queue=4, workers=4, native='root = "%s"' % image, wait=False, before=import_these(["hooked"]))
    stack.wait_ready()
    stack.wait_warm()
    code = "import hooked, random\nprint(hooked.forked)\nprint(random.getrandbits(64))"
    docs = [stack.run(code) for _ in range(3)]
    assert [d["timings"]["start"] for d in docs].count("warm") > 1, docs
    for doc in docs:
        assert doc["stdout"].startswith("[1]\n" if doc["timings"]["start"] == "warm" else "[]\n"), doc
    assert len({d["stdout"].split()[-1] for d in docs}) == 3, docs


@IMAGE
def test_what_an_import_has_drawn_is_no_clones_first_number(make_stack, image):
    """random.gauss() makes two at a time, and keeps the second."""
    stack = make_stack(slots=1, queue=4, workers=4, native='root = "%s"' % image, wait=False, before=import_these(["gaussian"]))
    stack.wait_ready()
    stack.wait_warm()
    docs = [stack.run("import gaussian, random\nprint(random.gauss(0, 1))") for _ in range(4)]
    assert [d["timings"]["start"] for d in docs].count("warm") > 1, docs
    assert len({d["stdout"] for d in docs}) == 4, docs


@IMAGE
def test_a_file_of_the_root_that_is_replaced(make_stack, image):
    """What waits was made on the old one. As ldconfig(8) does with /etc/ld.so.cache: a new file in the old one's place."""
    def write(text):
        with open(os.path.join(image, "etc", "new"), "w") as f:
            f.write(text)
        os.replace(os.path.join(image, "etc", "new"), os.path.join(image, "etc", "mime.types"))

    write("the first")
    stack = make_stack(slots=2, queue=4, workers=4, native='root = "%s"' % image, wait=False, before=import_these(["none"]))
    stack.wait_ready()
    stack.wait_warm()
    code = "print(open('/etc/mime.types').read())"
    docs = [stack.run(code, args=args) for args in ([], [], ["cold"])]
    assert [d["stdout"] for d in docs] == ["the first\n"] * 3, docs
    stack.wait_warm()
    before = stack.rest()
    keepers = pool(stack)["keeper"]
    assert keepers
    write("the second")
    wait_until(lambda: "files of the boxes' root have been replaced" in stack.log(), 8, what="the executor to see it")
    wait_until(lambda: not alive(keepers), 5, what="the old cells to go")
    stack.wait_warm()
    docs = [stack.run(code, args=args) for args in ([], [], ["cold"])]
    assert [d["stdout"] for d in docs] == ["the second\n"] * 3, docs
    assert {d["timings"]["start"] for d in docs} == {"warm", "cold"}, docs
    stack.wait_warm()
    stack.settle(before, timeout=10)


@CGROUPS
@SERVED
def test_a_template_is_in_a_cgroup_of_its_own(served):
    """In each hierarchy that gives a limit; of version 2 there is one."""
    seen = set()
    for pid in template_pids(served):
        with open("/proc/%d/cgroup" % pid) as f:
            lines = [line.rstrip("\n").split(":", 2) for line in f]
        own = {names: os.path.basename(path) for _, names, path in lines if os.path.basename(path).startswith("box-")}
        assert set(own) >= {"memory", "pids", "cpu"} or set(own) == {""}, lines
        assert len(set(own.values())) == 1, lines
        seen |= set(own.values())
    assert len(seen) == len(TIERS), seen


# ---- which template serves --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served():
    """Where a run may use more than one CPU, which needs a start of its own."""
    with Stack(slots=2, queue=16, workers=8, limits="max_cpu_percent = 200", native='tmp_bytes = "300m"') as stack:
        stack.run("print(1)")
        stack.wait_warm()
        stack.before = stack.rest()
        yield stack
        stack.wait_warm()
        stack.settle(stack.before, timeout=10)


LOOK = "import sys as _s; _has = [m for m in ('numpy', 'pandas', 'matplotlib.pyplot') if m in _s.modules]\n%s\nprint(*_has)\n"

SERVED_BY = {
    "nothing": ("", "none"),
    "json": ("import json, os.path, decimal", "none"),
    "numpy": ("import numpy", "numpy"),
    "alias": ("import numpy as np", "numpy"),
    "from": ("from numpy.random import default_rng as rng", "numpy"),
    "second-of-a-line": ("import json, numpy", "numpy"),
    "in-a-function": ("def f():\n    import numpy as np\n    return np.pi", "numpy"),
    "in-try": ("try:\n    import numpy\nexcept ImportError:\n    numpy = None", "numpy"),
    "behind-a-semicolon": ("x = 1; import numpy", "numpy"),
    "pandas": ("import pandas as pd", "numpy pandas"),
    "both": ("import numpy, pandas", "numpy pandas"),
    "matplotlib": ("import matplotlib", "numpy pandas matplotlib.pyplot"),
    "pyplot": ("from matplotlib import pyplot as plt", "numpy pandas matplotlib.pyplot"),
    "all": ("import numpy as np\nimport matplotlib.pyplot as plt", "numpy pandas matplotlib.pyplot"),
}


@SERVED
@pytest.mark.parametrize("validation", ["validated", "glanced at"])
@pytest.mark.parametrize("what", SERVED_BY)
def test_the_smallest_template_that_has_it_serves(served, what, validation):
    imports, tier = SERVED_BY[what]
    fields = {"validate": True, "policy": "report"} if validation == "validated" else {}
    doc = served.run(LOOK % imports, **fields)
    assert doc["success"] and doc["timings"]["start"] == "warm", doc
    assert doc["stdout"].split() == (tier.split() if tier != "none" else []), doc["stdout"]


@SERVED
def test_a_second_file_counts(served):
    files = [{"path": "main.py", "content": "import sys\nprint('numpy' in sys.modules)\nimport helper"},
             {"path": "helper.py", "content": "import numpy\nprint(numpy.pi > 3)"}]
    doc = served.run(files=files)
    assert doc["timings"]["start"] == "warm" and doc["stdout"] == "True\nTrue\n", doc
    files[1]["content"] = "import json"
    doc = served.run(files=files)
    assert doc["timings"]["start"] == "warm" and doc["stdout"] == "False\n", doc


@SERVED
def test_a_module_of_the_programs_own_is_not_the_installed_one(served):
    files = [{"path": "main.py", "content": "import numpy\nprint(numpy.mine)"}, {"path": "numpy.py", "content": "mine = 'own'"}]
    doc = served.run(files=files)
    assert doc["timings"]["start"] == "warm" and doc["stdout"] == "own\n", doc


@SERVED
def test_what_no_template_has_starts_with_the_rest(served):
    doc = served.run("import sys\nprint('numpy' in sys.modules)\nimport numpy, no_such_module")
    assert doc["timings"]["start"] == "warm" and doc["stdout"] == "True\n" and "No module named 'no_such_module'" in doc["stderr"], doc


# ---- what starts cold -------------------------------------------------------------------------------------------

ASKED = {
    "args": ({"code": "import sys; print(sys.argv[1:])", "args": ["a", "b"]}, "['a', 'b']\n"),
    "env": ({"code": "import os; print(os.environ['MINE'])", "env": {"MINE": "yes"}}, "yes\n"),
    "entry": ({"files": [{"path": "other.py", "content": "print(__file__.rpartition('/')[2])"}]}, "other.py\n"),
    "cpu_percent": ({"code": "import os; print(os.environ['OMP_NUM_THREADS'])", "limits": {"cpu_percent": 150}}, "2\n"),
}


@SERVED
@pytest.mark.parametrize("what", ASKED)
def test_what_a_program_that_has_started_cannot_take_starts_cold(served, what):
    fields, expected = ASKED[what]
    doc = served.run(**fields)
    assert doc["success"] and doc["stdout"] == expected, doc
    assert doc["timings"]["start"] == "cold", doc["timings"]


@SERVED
@pytest.mark.parametrize("fields, start", [({}, "ahead"), ({"merge_stderr": True}, "cold"), ({"args": ["x"]}, "cold"),
                                           ({"limits": {"memory_bytes": 300 << 20}}, "cold"), ({"limits": {"processes": 60}}, "ahead")])
def test_how_javascript_starts(served, fields, start):
    served.wait_warm()
    doc = served.run("console.error('err'); console.log('out', process.argv.length)", language="javascript", **fields)
    merged = "merge_stderr" in fields
    assert doc["success"] and "out %d\n" % (2 + len(fields.get("args", []))) in doc["stdout"], doc
    assert ("err\n" in doc["stdout"]) == merged and doc["stderr"] == ("" if merged else "err\n"), doc
    assert doc["timings"]["start"] == start, doc["timings"]


@SERVED
def test_merged_streams_of_a_warm_run_keep_their_order(served):
    code = "import sys\nfor i in range(200):\n    print(i, file=(sys.stdout, sys.stderr)[i % 2], flush=True)\nraise ValueError('end')"
    doc = served.run(code, merge_stderr=True)
    assert doc["timings"]["start"] == "warm" and doc["stderr"] == "", doc
    lines = doc["stdout"].splitlines()
    assert lines[:200] == [str(i) for i in range(200)] and lines[-1] == "ValueError: end", doc["stdout"]


@SERVED
def test_stdin_files_and_an_entry_in_the_way_of_a_warm_run(served):
    doc = served.run("print(input(), open('d/data.txt').read(), sorted(__import__('os').listdir('.')))", stdin="line\n",
                     files=[{"path": "d/data.txt", "content": "data"}])
    assert doc["success"] and doc["stdout"] == "line data ['d', 'main.py']\n" and doc["timings"]["start"] == "warm", doc


# ---- limits of a warm run ---------------------------------------------------------------------------------------

MIB = 1 << 20


def limited(stack, code, start="warm", **limits):
    doc = stack.run(code, limits=limits)
    assert doc["timings"]["start"] == start, doc
    return doc


@SERVED
@CGROUPS
@pytest.mark.parametrize("mib", [64, 300, 700], ids=["lower", "low", "higher"])
@pytest.mark.parametrize("tier", [0, 3], ids=["none", "pyplot"])
def test_memory(served, mib, tier):
    if (mib, tier) == (64, 3):
        mib = 128  # what it imports takes its share
    hold = PROGRAMS[tier][0] + "\nx = []\nfor i in range(%d):\n    x.append(bytearray(1 << 20))\nprint(len(x))"
    room = mib - (24 if tier == 0 else 90)
    doc = limited(served, hold % room, memory_bytes=mib * MIB, cpu_percent=100)
    assert doc["success"] and doc["stdout"] == "%d\n" % room, doc
    assert room * MIB < doc["resource_usage"]["memory_peak_bytes"] <= mib * MIB, doc["resource_usage"]
    doc = limited(served, hold % (mib + 8), memory_bytes=mib * MIB, cpu_percent=100)
    end = doc["termination"]
    assert (end["reason"], end["limit"], doc["signal"]) == ("memory", mib * MIB, "SIGKILL"), doc
    assert end["peak"] <= mib * MIB and "memory_bytes" in end["limits_hit"], end


@SERVED
@CGROUPS
@pytest.mark.parametrize("most", [1, 20, 150], ids=["one", "lower", "higher"])
def test_processes(served, most):
    code = """
import threading
go, n = threading.Event(), 1
try:
    while n < 200:
        threading.Thread(target=go.wait, daemon=True).start(); n += 1
except RuntimeError:
    pass
print(n, flush=True)
raise SystemExit(7)"""
    doc = limited(served, code, processes=most)
    assert doc["stdout"] == "%d\n" % most and doc["resource_usage"]["processes_peak"] == most, doc
    assert (doc["termination"]["reason"], doc["termination"]["limit"]) == ("processes", most), doc["termination"]


@SERVED
@pytest.mark.parametrize("size", [1024, 5000, MIB, 120 * MIB], ids=["least", "odd", "lower", "higher"])
def test_file_bytes(served, size):
    """Python ignores SIGXFSZ and makes an error of it; another program, or one that takes the default back, dies of it."""
    fill = "n = %d\nwith open('/tmp/f', 'wb', 0) as f:\n    while n > 0: n -= f.write(bytes(min(n, 1 << 20)))\nprint(f.name)"
    limits = {"file_bytes": size, "cpu_percent": 100}
    doc = limited(served, fill % size, **limits)
    assert doc["success"] and doc["stdout"] == "/tmp/f\n", doc
    doc = limited(served, fill % (size + 1), **limits)
    assert doc["exit_code"] == 1 and "OSError: [Errno 27] File too large" in doc["stderr"], doc
    doc = limited(served, "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n" + fill % (size + 1), **limits)
    end = doc["termination"]
    assert (end["reason"], end["limit"], doc["signal"]) == ("file_size", size, "SIGXFSZ"), doc


@SERVED
@pytest.mark.parametrize("ms", [200, 1200])
def test_cpu_time(served, ms):
    doc = limited(served, "print('on', flush=True)\nwhile True: pass", cpu_time_ms=ms, cpu_percent=100, wall_time_ms=20000)
    assert (doc["termination"]["reason"], doc["termination"]["limit"], doc["signal"]) == ("cpu_time", ms, "SIGKILL"), doc
    used = doc["resource_usage"]["cpu_user_ms"] + doc["resource_usage"]["cpu_system_ms"]
    assert ms <= used < ms + 300 and doc["stdout"] == "on\n", doc["resource_usage"]


@SERVED
@pytest.mark.parametrize("ms", [100, 700])
def test_wall_time(served, ms):
    doc = limited(served, "import time\nprint('on', flush=True)\ntime.sleep(20)", wall_time_ms=ms)
    assert (doc["termination"]["reason"], doc["termination"]["limit"]) == ("wall_time", ms), doc
    assert doc["stdout"] == "on\n" and ms <= doc["resource_usage"]["wall_time_ms"] < ms + 300, doc


@SERVED
@pytest.mark.parametrize("most", [1024, 100000, 4 * MIB], ids=["least", "lower", "higher"])
def test_output(served, most):
    doc = limited(served, "import sys\nfor i in range(600): sys.stdout.write('%09d\\n' * 1000 % tuple(range(1000)))", output_bytes=most)
    assert doc["success"] and doc["stdout_bytes"] == 6000000 and doc["stdout_truncated"], doc
    assert len(doc["stdout"]) <= most + 200 and "output_bytes" in doc["termination"]["limits_hit"], doc["termination"]
    doc = limited(served, "while True: print('x' * 100000)", output_bytes=most, cpu_percent=100)
    assert doc["termination"]["reason"] == "output" and doc["stdout_truncated"], doc["termination"]


@SERVED
@CGROUPS
def test_limits_of_one_run_are_not_the_next_ones(served):
    grow = "x = bytearray(200 << 20)\nprint(len(x))"
    for _ in range(2):
        assert limited(served, grow, memory_bytes=100 * MIB)["termination"]["reason"] == "memory"
        assert limited(served, grow, memory_bytes=700 * MIB)["success"]
        assert limited(served, grow)["success"]
    threads = "import threading\nfor i in range(30): threading.Thread(target=lambda: None).start()\nprint('all')"
    limited(served, "import threading\ne = threading.Event()\nfor i in range(9): threading.Thread(target=e.wait, daemon=True).start()", processes=3)
    assert limited(served, threads)["stdout"] == "all\n"
    # Two at once, on one run.
    doc = limited(served, "with open('f', 'wb', 0) as f:\n    f.write(bytes(4096))\n    f.write(b'1')", file_bytes=4096, memory_bytes=100 * MIB, processes=2, output_bytes=1024)
    assert "File too large" in doc["stderr"], doc


@SERVED
@pytest.mark.parametrize("limits", [{}, {"file_bytes": 5000, "cpu_time_ms": 3000, "processes": 10},
                                    {"file_bytes": 200 * MIB, "cpu_time_ms": 90000, "processes": 200}], ids=["default", "lower", "higher"])
def test_what_getrlimit_says_is_what_a_cold_run_is_told(served, limits):
    code = "import resource\nfor n in sorted(dir(resource)):\n    if n.startswith('RLIMIT_'): print(n, *resource.getrlimit(getattr(resource, n)))"
    warm, cold = served.run(code, limits=limits), served.run(code, limits=limits, args=["x"])
    assert (warm["timings"]["start"], cold["timings"]["start"]) == ("warm", "cold")
    assert warm["stdout"].splitlines() == cold["stdout"].splitlines()


# ---- figures of a warm run --------------------------------------------------------------------------------------


@SERVED
@CGROUPS
@pytest.mark.parametrize("tier", range(4), ids=TIERS)
def test_what_was_done_before_is_not_billed(served, tier):
    served.wait_warm()
    doc = served.run(PROGRAMS[tier][0] + "\nprint(1)")
    usage, timings = doc["resource_usage"], doc["timings"]
    assert doc["timings"]["start"] == "warm" and doc["stdout"] == "1\n", doc
    assert 0 < usage["cpu_user_ms"] + usage["cpu_system_ms"] < 50, usage
    assert 0 < usage["wall_time_ms"] < 1000 and usage["processes_peak"] == 1, usage
    assert 0 < usage["memory_peak_bytes"] < 128 * MIB, usage
    assert timings["setup_ms"] < 1000 and abs(timings["run_ms"] - usage["wall_time_ms"]) < 2, (timings, usage)


@SERVED
@CGROUPS
def test_what_one_run_has_used_up_is_not_the_next_ones(served):
    """A cell keeps its cgroup for the next box: its peaks, counts, and the share of CPU in the period that both are in."""
    spend = "import time\n%s\nend = time.process_time() + %s\nwhile time.process_time() < end:\n    pass"
    fill = "x = bytearray(150 << 20)"
    for _ in range(12):
        with concurrent.futures.ThreadPoolExecutor(2) as clients:
            docs = list(clients.map(lambda what: limited(served, spend % (what, 0.08)), (fill, "pass")))
        assert docs[0]["resource_usage"]["memory_peak_bytes"] > 150 * MIB, docs[0]
        for _ in range(3):
            doc = limited(served, spend % ("pass", 0.002))
            assert doc["success"] and doc["termination"]["limits_hit"] == [], doc
            assert doc["resource_usage"]["memory_peak_bytes"] < 60 * MIB, doc
            used = doc["resource_usage"]
            assert used["processes_peak"] == 1 and used["cpu_user_ms"] + used["cpu_system_ms"] < 50, doc


@SERVED
@CGROUPS
def test_what_a_warm_run_does_is_billed(served):
    doc = served.run("import time\nwhile time.process_time() < 0.3: sum(range(10000))\nx = bytearray(80 << 20)",
                     limits={"cpu_percent": 100})
    usage = doc["resource_usage"]
    assert doc["timings"]["start"] == "warm", doc
    assert 300 <= usage["cpu_user_ms"] + usage["cpu_system_ms"] < 600 and usage["cpu_user_ms"] > 150, usage
    assert usage["wall_time_ms"] >= 300 and usage["memory_peak_bytes"] > 80 * MIB, usage
    doc = served.run("import threading\nb = threading.Barrier(6)\nfor i in range(5): threading.Thread(target=b.wait).start()\nb.wait()")
    assert doc["resource_usage"]["processes_peak"] == 6, doc["resource_usage"]


# ---- how much waits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("native", ["waiting_min = 0", "waiting_bytes = 0"])
def test_nothing_waits(make_stack, native):
    """Clones are made when they are wanted."""
    stack = make_stack(slots=2, queue=16, workers=6, native=native, waiting=0)
    assert not pool(stack)["clone"] and not pool(stack)["prepared box"], pool(stack)
    assert one_of_each(stack, 9) == ["warm"] * 4 + ["cold"]
    wait_until(lambda: not stack.box_pids(), 3)
    before = stack.rest()
    for n in range(3):
        assert one_of_each(stack, n) == ["warm"] * 4 + ["cold"]
    assert {t["waiting"] for t in templates(stack).values()} == {0}
    wait_until(lambda: not stack.box_pids(), 3)
    assert not pool(stack)["clone"] and not pool(stack)["interpreter"] and not pool(stack)["prepared box"], pool(stack)
    stack.settle(before, timeout=10)


def test_as_many_wait_as_are_missed_and_may(make_stack):
    stack = make_stack(slots=4, queue=32, workers=16, native="waiting_min = 1\nwaiting_max = 3")
    for n in range(3):
        with concurrent.futures.ThreadPoolExecutor(8) as clients:
            assert set(clients.map(lambda i: ask(stack, program(0, i)), range(16))) <= {"warm"}
    wait_until(lambda: templates(stack)["none"]["waiting"] == 3, 10, what="as many as may wait")
    time.sleep(0.5)
    found = templates(stack)
    assert found["none"]["waiting"] == 3 and found["numpy"]["waiting"] == 1, found
    stack.wait_warm()


def test_little_memory_for_what_waits(make_stack):
    stack = make_stack(slots=2, queue=16, workers=6, native='waiting_bytes = "8m"\nwaiting_min = 4\nwaiting_max = 4', wait=False)
    stack.wait_ready()
    wait_until(lambda: all(t["state"] == "ready" for t in templates(stack).values()), 30, 0.05)
    for n in range(3):
        assert set(one_of_each(stack, n)) <= {"warm", "ahead", "cold"}
    time.sleep(0.5)
    assert sum(t["waiting"] for t in templates(stack).values()) <= 8, templates(stack)


def test_python_started_ahead(make_stack):
    stack = make_stack(slots=2, queue=16, workers=6, start="ahead")
    assert runtime(stack)["start"] == "ahead" and runtime(stack)["templates"] == []
    stack.run("print(1)")
    wait_until(lambda: pool(stack)["interpreter"] and pool(stack)["prepared box"], 10)
    stack.pool_sockets = 2  # to pid 1 of both
    before = stack.rest()
    starts = collections.Counter()
    for tier in range(4):
        wait_until(lambda: pool(stack)["interpreter"], 10)
        starts[ask(stack, program(tier, 50 + tier))] += 1
    assert starts["ahead"] >= 3 and set(starts) <= {"ahead", "cold"}, starts
    wait_until(lambda: pool(stack)["interpreter"], 10)
    doc = stack.run("import sys\nprint(input(), sys.argv, __file__, open('main.py').read()[:10])\nsys.exit(3)", stdin="fed\n")
    assert (doc["stdout"], doc["exit_code"]) == ("fed ['main.py'] /work/main.py import sys\n", 3), doc
    wait_until(lambda: pool(stack)["interpreter"], 10)
    doc = stack.run("x = bytearray(100 << 20)", limits={"memory_bytes": 64 << 20})
    assert not ROOT or doc["termination"]["reason"] == "memory", doc
    wait_until(lambda: pool(stack)["interpreter"], 10)
    stack.settle(before, timeout=10)
