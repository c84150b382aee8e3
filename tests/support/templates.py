"""Templates and what waits, as a test sees them: which there are, of which processes, and a request for each.

    template_pids(stack); pool(stack)["clone"]          # pids, by kind
    ask(stack, program(1, 10)) == "warm"                # the right answer, or a code that says that the service failed
    warm_again(stack, before)                           # all waits and works again, nothing is left
"""

import collections
import concurrent.futures
import contextlib
import os
import signal
import time

import pytest
from procfs import process_table
from stack import BUILD, wait_until

TIERS = ["none", "numpy", "numpy pandas", "numpy pandas matplotlib.pyplot"]
NO_LIBRARY = not os.path.exists(os.path.join(BUILD, "sandgate-template.so")) or "SG_NO_TEMPLATES" in os.environ
NEEDED = pytest.mark.skipif(NO_LIBRARY, reason="this build has no templates")


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
    return {"language": "python", "validate": False, "code": code, "timeout": 120}, "%d\n" % sum(range(n))


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


def ask(stack, request, timeout=260, **how):
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
    wait_until(lambda: all(t["state"] == "ready" for t in templates(stack).values()), 90, 0.05, "templates")
    stack.wait_warm()
    assert degraded(stack) is None
    assert set(one_of_each(stack, 100)) <= {"warm", "ahead", "cold"}  # 5 at once: more than wait
    stack.wait_warm()
    stack.settle(before)
