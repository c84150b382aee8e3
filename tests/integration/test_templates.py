"""Programs that wait, and the templates that make them: which one serves, what starts cold, what a run that was started
warm is bound by and billed for. What a client sees: bytes, timings.start, /v1/runtimes. Parts that are killed are
test_templates_killed.py's, templates that are replaced or cannot be had test_templates_replaced.py's. That a program sees
no difference is test_same.py's; what one run leaves to the next is tests/attacks/test_planted.py's.
"""

import collections
import concurrent.futures
import os
import time

import pytest
from stack import ROOT, Stack, wait_until
from templates import NEEDED, PROGRAMS, TIERS, ask, one_of_each, pool, program, runtime, template_pids, templates

# They share a stack: one pytest process has them.
SERVED = pytest.mark.xdist_group("templates-served")
CGROUPS = pytest.mark.needs_cgroups

pytestmark = NEEDED


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
        stack.settle(stack.before)


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
    assert ms <= used < ms + 2000 and doc["stdout"] == "on\n", doc["resource_usage"]


@SERVED
@pytest.mark.parametrize("ms", [1000, 1700])
def test_wall_time(served, ms):
    doc = limited(served, "import time\nprint('on', flush=True)\ntime.sleep(20)", wall_time_ms=ms)
    assert (doc["termination"]["reason"], doc["termination"]["limit"]) == ("wall_time", ms), doc
    assert doc["stdout"] == "on\n" and ms <= doc["resource_usage"]["wall_time_ms"] < ms + 5000, doc


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
    assert 0 < usage["cpu_user_ms"] + usage["cpu_system_ms"] < 100, usage
    assert 0 < usage["wall_time_ms"] < 5000 and usage["processes_peak"] == 1, usage
    assert 0 < usage["memory_peak_bytes"] < 128 * MIB, usage
    assert timings["setup_ms"] < 5000 and abs(timings["run_ms"] - usage["wall_time_ms"]) < 100, (timings, usage)


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
            assert used["processes_peak"] == 1 and used["cpu_user_ms"] + used["cpu_system_ms"] < 75, doc


@SERVED
@CGROUPS
def test_what_a_warm_run_does_is_billed(served):
    doc = served.run("import time\nwhile time.process_time() < 0.3: sum(range(10000))\nx = bytearray(80 << 20)",
                     limits={"cpu_percent": 100})
    usage = doc["resource_usage"]
    assert doc["timings"]["start"] == "warm", doc
    assert 300 <= usage["cpu_user_ms"] + usage["cpu_system_ms"] < 1500 and usage["cpu_user_ms"] > 150, usage
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
    wait_until(lambda: not stack.box_pids(), 10)
    before = stack.rest()
    for n in range(3):
        assert one_of_each(stack, n) == ["warm"] * 4 + ["cold"]
    assert {t["waiting"] for t in templates(stack).values()} == {0}
    wait_until(lambda: not stack.box_pids(), 10)
    assert not pool(stack)["clone"] and not pool(stack)["interpreter"] and not pool(stack)["prepared box"], pool(stack)
    stack.settle(before)


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
    wait_until(lambda: all(t["state"] == "ready" for t in templates(stack).values()), 30, 10)
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
    stack.settle(before)
