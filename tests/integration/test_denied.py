"""`trace_denied_syscalls`: what the sandbox refuses is counted, exactly, and is refused as it is without; a flood of refused
calls ends where any flood ends. Call by call for each profile, and rootless: tests/attacks/test_traced.py."""

import os
import re

import pytest

from events import Events
from stack import SOURCE, Stack, wait_until

# Python that may execute: it says what it likes in the registers of its calls.
MAY = """language = may
extensions = { may }
entry = main.may
command = { /usr/bin/python3, "{file}" }
profile = shell
may_execute = on
rules = python
probe = 'print("version 1")'
"""
CALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    return result, ctypes.get_errno() if result == -1 else 0
"""
SOCKET, EXECVE, PTRACE, MOUNT = 41, 59, 101, 165


def add_language(stack):
    with open(stack.path("conf", "sandgate", "runtimes.d", "may.conf"), "w") as f:
        f.write(MAY)


@pytest.fixture(scope="module")
def shared_stack():
    one = Stack(languages=("python", "bash", "c"), before=add_language).start_counted()
    yield one
    one.stop()


def traced(stack, code, **fields):
    return stack.run(code, trace_denied_syscalls=True, **fields)


def denied(doc):
    """{name: count}, after a look at its form."""
    found = doc["denied_syscalls"]
    assert [set(d) for d in found] == [{"name", "count"}] * len(found), found
    assert [d["count"] for d in found] == sorted((d["count"] for d in found), reverse=True), found
    assert len({d["name"] for d in found}) == len(found), found
    return {d["name"]: d["count"] for d in found}


# ---- what is counted ---------------------------------------------------------------------------------------------

SOME = CALL + """
for number, times in ((%d, 3), (%d, 1), (%d, 2), (9999, 2), (600, 1), (511, 1)):
    for _ in range(times):
        print(number, call(number, 2, 1, 0, 0, 0))
print(call(157, 22, 1, 0, 0, 0), call(16, 0, 0x5412, 0), open("/etc/hostname").read())
""" % (SOCKET, PTRACE, MOUNT)


def test_counts_are_exact_and_errors_the_same(stack):
    stack.wait_warm()
    doc, plain = traced(stack, SOME), stack.run(SOME)
    assert doc["status"] == "success" and doc["stdout"] == plain["stdout"], (doc["stdout"], plain["stdout"])
    assert denied(doc) == {"socket": 3, "ptrace": 1, "mount": 2, "unknown": 3, "syscall_511": 1, "prctl": 1, "ioctl": 1}
    assert plain["denied_syscalls"] is None
    assert doc["timings"]["start"] == "cold" and plain["timings"]["start"] == "warm"


def test_nothing_was_refused(stack):
    assert traced(stack, "print('hello')")["denied_syscalls"] == []
    stack.wait_warm()
    doc = stack.run("import socket\nsocket.socketpair()", trace_denied_syscalls=False)
    assert doc["denied_syscalls"] is None and doc["timings"]["start"] == "warm"


def test_what_holds_it_is_the_same_but_for_one_filter(stack):
    """As pid 1 has read it back: two filters are one."""
    doc, plain = (stack.run("print(1)", env={"A": "1"}, trace_denied_syscalls=on) for on in (True, False))
    assert plain["timings"]["start"] == "cold"
    assert (doc["isolation"].pop("seccomp_filters"), plain["isolation"].pop("seccomp_filters")) == (1, 2)
    assert doc["isolation"] == plain["isolation"] and doc["isolation"]["one_exec"] is True


def test_threads_and_what_ends_while_it_waits(stack):
    doc = traced(stack, CALL + """
import threading
def work():
    for _ in range(500):
        call(%d, 2, 1, 0)
threads = [threading.Thread(target=work) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
stayers = [threading.Thread(target=lambda: [call(%d, 0, 0, 0, 0) for _ in range(10 ** 9)], daemon=True) for _ in range(4)]
[t.start() for t in stayers]
os._exit(3)
""" % (SOCKET, PTRACE))
    assert doc["exit_code"] == 3 and denied(doc)["socket"] == 4000, doc


def test_a_call_that_a_signal_interrupts_counts_once(stack):
    """Each call is either answered, and counted, or the signal's handler ran in its place."""
    doc = traced(stack, CALL + """
import signal
# The handler is the C library's own: Python's would have each call tried again.
libc.signal(signal.SIGALRM, ctypes.cast(libc.getpid, ctypes.c_void_p))
libc.siginterrupt(signal.SIGALRM, 1)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
seen = {}
for _ in range(20000):
    error = call(%d, 2, 1, 0)[1]
    seen[error] = seen.get(error, 0) + 1
signal.setitimer(signal.ITIMER_REAL, 0)
print(seen[97], sum(seen.values()), set(seen) <= {97, 4})
""" % SOCKET, timeout=60)
    answered, whole, known = doc["stdout"].split()
    assert (whole, known) == ("20000", "True") and denied(doc)["socket"] == int(answered), doc


# ---- programs that may make processes ----------------------------------------------------------------------------


def test_children_count(stack):
    doc = traced(stack, """
for i in 1 2 3; do unshare --net true; done 2>/dev/null
(unshare --net true; (unshare --net true)) 2>/dev/null
echo done | tr a-z A-Z
""", language="bash")
    assert doc["stdout"] == "DONE\n" and doc["isolation"]["one_exec"] is False, doc
    assert denied(doc)["unshare"] == 5 and "execve" not in denied(doc), doc


def test_each_stage_has_its_own(stack):
    doc = traced(stack, """
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int n, char **v)
{
    execv("/proc/self/exe", v);
    for (int i = 0; i < 2; i++)
        printf("%d\\n", socket(AF_INET, SOCK_STREAM, 0));
}
""", language="c")
    assert doc["stdout"] == "-1\n-1\n" and denied(doc) == {"socket": 2, "execve": 1}, doc
    assert not {"socket", "execve"} & set(denied(doc["compile"])), doc["compile"]


def test_the_words_of_the_first_execve_open_nothing_later(stack):
    """By them pid 1 knows it; whoever says them afterwards gets what there was when the listener had gone."""
    with open(os.path.join(SOURCE, "core", "sandbox", "box_program.c"), encoding="utf-8") as f:
        words = re.findall(r"#define OURS_\d 0x([0-9a-f]{16})u", f.read())
    assert len(words) == 2
    code = CALL + """
argv = (ctypes.c_char_p * 3)(b"/usr/bin/echo", b"executed", None)
envp = (ctypes.c_char_p * 1)(None)
for again in range(2):
    child = os.fork()
    if child == 0:
        print(call(59, ctypes.c_char_p(b"/usr/bin/echo"), argv, envp, 0x%s, 0x%s), flush=True)
        call(59, ctypes.c_char_p(b"/usr/bin/echo"), argv, envp, 0, 0)
        os._exit(1)
    print(os.waitpid(child, 0)[1], flush=True)
""" % tuple(words)
    doc = traced(stack, code, language="may")
    assert doc["stdout"] == stack.run(code, language="may")["stdout"] == "(-1, 38)\nexecuted\n0\n" * 2, doc
    assert denied(doc)["execve"] == 2, doc


# ---- floods -----------------------------------------------------------------------------------------------------

FLOOD = CALL + """
import threading
def flood():
    while True:
        libc.syscall(%d, 2, 1, 0)
for _ in range(8):
    threading.Thread(target=flood, daemon=True).start()
print("up", flush=True)
""" % SOCKET


def test_many(stack):
    doc = traced(stack, CALL + "for _ in range(100000):\n    libc.syscall(%d, 2, 1, 0)\nprint('done')" % SOCKET, timeout=60)
    assert doc["stdout"] == "done\n" and denied(doc) == {"socket": 100000}, doc


def test_a_flood_ends_at_its_limit_and_has_been_counted(stack):
    doc = traced(stack, FLOOD + "flood()", timeout=5)
    assert doc["termination"]["reason"] == "wall_time" and doc["resource_usage"]["execution_time"] < 20, doc
    assert denied(doc)["socket"] > 1000, doc


@pytest.mark.needs_cgroups
def test_a_flood_pays_with_its_own_cpu_time(stack):
    doc = traced(stack, FLOOD + "flood()", timeout=30, limits={"cpu_time_ms": 500})
    assert doc["termination"]["reason"] == "cpu_time" and doc["resource_usage"]["execution_time"] < 15, doc


def test_a_flood_does_not_hold_up_the_end(stack):
    """Pid 1 reaps between its answers."""
    doc = traced(stack, FLOOD + "import time\ntime.sleep(0.3)\nos._exit(5)")
    assert doc["exit_code"] == 5 and doc["resource_usage"]["execution_time"] < 25, doc
    doc = traced(stack, "(while :; do unshare --net true; done) 2>/dev/null & sleep 0.3; exit 6", language="bash")
    assert doc["exit_code"] == 6 and doc["resource_usage"]["execution_time"] < 25, doc


def test_a_client_that_leaves_ends_a_flood(stack):
    with Events(stack, FLOOD + "flood()", trace_denied_syscalls=True, timeout=60) as events:
        events.next("stdout")
        assert stack.box_pids()
    wait_until(lambda: not stack.box_pids(), 15, what="the flood's end")


# ---- where it is told, and where it is refused --------------------------------------------------------------------


def test_tests_have_each_their_own(stack):
    doc = traced(stack, CALL + "for _ in range(int(input())):\n    call(%d, 2, 1, 0)" % SOCKET,
                 tests=[{"stdin": "2\n"}, {"stdin": "0\n"}, {"stdin": "1\n"}])
    assert doc["test_summary"]["passed"] == 3 and doc["denied_syscalls"] is None, doc
    assert [denied(test) for test in doc["tests"]] == [{"socket": 2}, {}, {"socket": 1}]


def test_events(stack):
    with Events(stack, "import socket\ntry:\n    socket.socket()\nexcept OSError:\n    print(1)", trace_denied_syscalls=True) as events:
        result = events.all()[-1]
    assert result.name == "result" and denied(result.data) == {"socket": 1}, result


def test_a_hint_names_the_member(stack):
    doc = traced(stack, "import os\nos.mkfifo('x')")
    assert doc["exit_code"] == 1 and "`denied_syscalls`" in doc["termination"]["hint"], doc
    assert "mknodat" in denied(doc) or "mknod" in denied(doc), doc
    assert "`trace_denied_syscalls`" in stack.run("import os\nos.mkfifo('x')")["termination"]["hint"]


REFUSED = {"language": "python", "validate": False, "code": "print(1)", "trace_denied_syscalls": True}


def test_the_operator_may_forbid_it(make_stack):
    stack = make_stack(native="trace_denied_syscalls = off", start="cold")
    problem = stack.post(REFUSED).problem()
    assert problem["errors"] == [{"pointer": "/trace_denied_syscalls", "detail": "is true; allowed here: false"}]
    schema = stack.get("/openapi.json").json["components"]["schemas"]["ExecuteRequest"]["properties"]
    assert schema["trace_denied_syscalls"]["const"] is False
    assert stack.run("print(1)", trace_denied_syscalls=False)["denied_syscalls"] is None


@pytest.mark.xdist_group("docker")
def test_not_in_a_container(request):
    """Never silently missing."""
    stack = request.getfixturevalue("shared_docker_stack")
    problem = stack.post(REFUSED).problem()
    assert [e["pointer"] for e in problem["errors"]] == ["/trace_denied_syscalls"], problem
    assert "the engine docker cannot count them" in problem["errors"][0]["detail"]
    assert stack.run("print(1)", trace_denied_syscalls=False)["denied_syscalls"] is None
    schema = stack.get("/openapi.json").json["components"]["schemas"]["ExecuteRequest"]
    assert schema["then"]["required"] == ["engine"]
