"""Each step of setting up a box is made to fail in turn (lab build): 503 that names the step and its fix, no code
run, nothing left; then a layer that is required and cannot be had."""

import concurrent.futures
import json
import os
import subprocess
import time

import pytest

from stack import BUILD, ROOT, Stack, wait_until

EXECUTORS = ["root", "rootless"] if ROOT else ["rootless"]


def steps():
    lab = os.path.join(BUILD, "sandgate-native-lab")
    return subprocess.run([lab, "--list-steps"], check=True, capture_output=True, text=True).stdout.split()


@pytest.fixture(scope="module", params=EXECUTORS)
def lab(request):
    with Stack(executor=request.param, lab=True, slots=2, queue=2, workers=4) as stack:
        stack.run("print(1)")
        yield stack


# Where a traced run has a way of its own.
OF_THE_FILTER = ["order", "exec_listener", "seccomp", "exec", "attest", "exec_continue"]


def test_each_step_made_to_fail(lab):
    before = lab.rest()
    names = steps()
    assert len(names) > 35
    for step, traced in [(step, False) for step in names] + [(step, True) for step in OF_THE_FILTER]:
        lab.lab(fail=step)
        answer = lab.post({"language": "python", "validate": False, "code": "print('foreign code ran')",
                           "trace_denied_syscalls": traced})
        assert answer.status == 503, (step, answer)
        problem = answer.problem()
        assert problem.get("step") == step and problem["code"] == "layer_unavailable", (step, problem)
        assert problem["hint"] and "made to fail" in problem["detail"], (step, problem)
        assert b"foreign code ran" not in answer.body
        lab.settle(before)
    lab.lab()
    assert lab.run("print('again')", trace_denied_syscalls=True)["stdout"] == "again\n"
    lab.settle(before)


def test_boxes_that_end_at_once_keep_no_slot(make_stack):
    """A keeper may have been reaped before its pid is read. It takes some thousands of them to see that go wrong."""
    stack = make_stack(lab=True, slots=8, queue=16, workers=14, start="cold")
    stack.lab(fail="hostname")
    body = {"language": "python", "validate": False, "code": "print('foreign code ran')"}
    end = time.monotonic() + 12

    def ask_on(_):
        codes = set()
        while time.monotonic() < end:
            codes.add(stack.post(body).problem()["code"])
        return codes

    with concurrent.futures.ThreadPoolExecutor(12) as clients:
        assert set().union(*clients.map(ask_on, range(12))) == {"layer_unavailable"}
    stack.lab()
    with concurrent.futures.ThreadPoolExecutor(8) as clients:  # in all slots, at the same time
        sleeper = "import time; time.sleep(2); print(1)"
        begun = time.monotonic()
        assert [one["stdout"] for one in clients.map(lambda _: stack.run(sleeper), range(8))] == ["1\n"] * 8
        assert time.monotonic() - begun < 30
    wait_until(lambda: stack.get("/ready").json["running"] == 0, 5, what="all slots free")


def test_a_box_program_that_cannot_be_executed(make_stack):
    """Found out when a launcher is started; told with the step and its fix. It works again when that is mended."""
    stack = make_stack(slots=1, queue=1, workers=2, start="cold")
    program = stack.path("bin", "sandgate-box")
    stack.run("print(1)")
    os.chmod(program, 0o644)
    request = {"language": "python", "validate": False, "code": "print(1)"}
    answers = []
    while len(answers) < 12 and (not answers or answers[-1].status == 200):  # what waits has been started before
        answers.append(stack.post(request))
    problem = answers[-1].problem()
    assert (problem["status"], problem["code"], problem["step"]) == (503, "layer_unavailable", "launch"), problem
    assert "sandgate-box" in problem["detail"] and "executable" in problem["hint"], problem
    os.chmod(program, 0o755)
    wait_until(lambda: stack.post(request).status == 200, 15, 0.1)


HELLO = {"language": "python", "validate": False, "code": "print(1)"}


def test_missing_cgroup_is_a_refusal_with_the_fix(make_stack):
    """Rootless without delegation, and the configuration does not name the layer."""
    stack = make_stack(executor="rootless", delegate=False, slots=1, queue=1, workers=2, wait=False,
                       native='allow_missing = { "landlock", "private_uid" }')
    problem = stack.post(HELLO).problem()
    assert problem["status"] == 503 and problem["step"] == "cgroup_create", problem
    assert "cgroup_memory" in problem["detail"] and "allow_missing" in problem["hint"], problem
    ready = stack.get("/ready")
    assert ready.status == 503 and "cgroup_memory" in ready.problem()["detail"], ready
    assert stack.get("/health").status == 200


def test_one_id_is_refused_where_it_is_not_named(make_stack):
    stack = make_stack(executor="rootless", slots=1, queue=1, workers=2, wait=False,
                       native='allow_missing = { "landlock" }')
    problem = stack.post(HELLO).problem()
    assert problem["status"] == 503 and problem["step"] == "id_map", problem
    assert "private_uid" in problem["detail"] and "uidmap" in problem["hint"], problem


def replace_in(path, old, new):
    with open(path) as f:
        text = f.read()
    assert old in text
    with open(path, "w") as f:
        f.write(text.replace(old, new))


def test_an_interpreter_that_is_not_there(make_stack):
    stack = make_stack(slots=1, queue=1, workers=2, wait=False, before=lambda s: replace_in(
        s.path("conf", "sandgate", "runtimes.d", "python.conf"), "/usr/bin/python3", "/usr/bin/python-of-nowhere"))
    for traced in (False, True):
        problem = stack.post({**HELLO, "trace_denied_syscalls": traced}).problem()
        assert problem["status"] == 503 and problem["step"] == "exec", problem
        assert "/usr/bin/python-of-nowhere" in problem["detail"] and problem["hint"], problem


@pytest.mark.parametrize("files, what", [
    ([{"path": "a", "content": "1"}, {"path": "a/b", "content": "2"}], "folder of the other"),
    ([{"path": "d%d/e/f/g/x" % i, "content": ""} for i in range(60)], "No space left"),  # 300 inodes
])
def test_files_that_cannot_be_laid_out(make_stack, files, what):
    stack = make_stack(slots=1, queue=1, workers=2, native="tmp_inodes = 128")
    answer = stack.post({"language": "python", "validate": False, "files": files})
    assert answer.status == 422 and what in answer.body.decode(), answer


def test_a_broken_profile_is_told_at_once():
    stack = Stack(slots=1, queue=1, workers=2)
    try:
        stack.prepare()
        replace_in(stack.path("conf", "sandgate", "profiles", "python.json"), '"SCMP_ACT_ERRNO",', '"SCMP_ACT_NONE",')
        for extra in (["--check"], []):
            done = subprocess.run([stack.path("bin", "sandgate-native"), "-c", stack.path("conf", "sandgate.conf"), *extra],
                                  capture_output=True, text=True, timeout=20)
            assert done.returncode == 1 and "python.json: defaultAction SCMP_ACT_NONE" in done.stderr, done
    finally:
        stack.stop()


def many_rules(path):
    """More instructions than a plan has room for, of a call that no other row names, and nothing else wrong."""
    with open(path) as f:
        profile = json.load(f)
    profile["syscalls"] += [{"names": ["vserver"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5,
                             "args": [{"index": 0, "value": value, "op": "SCMP_CMP_EQ"}]} for value in range(1500)]
    with open(path, "w") as f:
        json.dump(profile, f)


@pytest.mark.parametrize("language, spoil, words", [
    ("c", lambda s: replace_in(s.path("conf", "sandgate", "runtimes.d", "c.conf"), "= compiler", "= compilr"),
     ["runtime c", "compilr.json"]),
    ("python", lambda s: many_rules(s.path("conf", "sandgate", "profiles", "python.json")),
     ["runtime python", "instructions, at most 2048"]),
    ("python", lambda s: replace_in(s.path("conf", "sandgate", "runtimes.d", "python.conf"), "environment = {",
                                    'environment = { "LONG=%s",' % ("x" * 9000)), ["runtime python", "8192 bytes"]),
], ids=["the compiler's profile", "a filter that is too long", "a plan that is too long"])
def test_what_the_child_would_fail_at_is_told_by_check(language, spoil, words):
    """A child that cannot load it would be started again for ever, with --check content."""
    stack = Stack(slots=1, queue=1, workers=2, languages=("python", language))
    try:
        stack.prepare()
        command = [stack.path("bin", "sandgate-native"), "-c", stack.path("conf", "sandgate.conf"), "--check"]
        assert subprocess.run(command, capture_output=True, text=True, timeout=60).returncode == 0
        spoil(stack)
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and all(word in done.stderr for word in words), done
    finally:
        stack.stop()


# One instruction, RET ALLOW: as SystemCallFilter= of a unit, or a container, gives one to all that is started.
FILTERED = """#!/usr/bin/python3 -I
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("at", ctypes.c_char_p)]
program = Program(1, b"\\x06\\0\\0\\0\\0\\0\\xff\\x7f")
assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
os.execv(%r, [%r] + sys.argv[1:])
"""


def filtered(stack):
    """The executor is started under a filter that is not ours."""
    path = stack.path("bin", "sandgate-native-lab" if stack.lab_build else "sandgate-native")
    os.rename(path, path + "-itself")
    with open(path, "w") as f:
        f.write(FILTERED % (path + "-itself", path))
    os.chmod(path, 0o755)


PRINTS = {"python": "print('foreign code ran')", "bash": "echo foreign code ran"}


@pytest.mark.parametrize("inherited", [0, 1])
def test_a_profile_that_is_not_loaded_is_missed(make_stack, inherited):
    """Whatever was loaded before: Bash, which may execute, has no other filter that would be missed."""
    stack = make_stack(lab=True, slots=1, queue=1, workers=2, languages=("python", "bash"), before=filtered if inherited else None)
    for language, code in PRINTS.items():
        request = {"language": language, "validate": False, "code": code}
        doc = stack.post(request).json
        assert (doc["stdout"], doc["isolation"]["seccomp_filters"]) == ("foreign code ran\n", 2 + inherited), doc
        stack.lab(off="profile")
        problem = stack.post(request).problem()
        assert (problem["status"], problem["code"], problem["step"]) == (503, "layer_unavailable", "attest"), problem
        assert "layer seccomp is not in force" in problem["detail"], problem
        stack.lab()


def test_all_starts_under_a_filter_of_others(make_stack):
    stack = make_stack(slots=2, queue=2, workers=4, before=filtered)
    javascript = {"language": "javascript", "validate": False, "code": "console.log(1)"}
    for request, start, filters in ((HELLO, "warm", 3), (javascript, "ahead", 3), ({**HELLO, "args": ["1"]}, "cold", 3),
                                    ({**HELLO, "trace_denied_syscalls": True}, "cold", 2)):
        doc = stack.post(request).json
        assert (doc["stdout"], doc["timings"]["start"], doc["isolation"]["seccomp_filters"]) == ("1\n", start, filters), doc
        assert doc["isolation"]["one_exec"], doc


def test_one_process_is_one_process(stack):
    """The launcher is not the program's: with a limit of 1 it used to be counted now and then."""
    for _ in range(30):
        doc = stack.run("1 / 0", limits={"processes": 1})
        assert doc["termination"]["reason"] == "exited" and doc["exit_code"] == 1, doc["termination"]
        assert doc["resource_usage"]["processes_peak"] == 1, doc["resource_usage"]


def test_descriptors_that_run_out_are_a_refusal(make_stack):
    """Five are left: two take the job's memfds, one perhaps a worker's connection, and the box gets none."""
    stack = make_stack(slots=1, queue=1, workers=2, start="cold", waiting=0)
    child = stack.executor_child()
    used = {int(n) for n in os.listdir("/proc/%d/fd" % child)}
    limit = next(n for n in range(5, 1000) if len(set(range(n)) - used) == 5)
    subprocess.run(["/usr/bin/prlimit", "--pid", str(child), "--nofile=%d:%d" % (limit, limit)], check=True)
    problem = stack.post(HELLO).problem()
    assert problem["status"] == 503 and problem["step"] and "Too many open files" in problem["detail"], problem
