"""Each step of setting up a box is made to fail in turn (lab build): 503 that names the step and its fix, no code
run, nothing left; then a layer that is required and cannot be had."""

import os
import subprocess

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


def test_each_step_made_to_fail(lab):
    before = lab.counts()
    names = steps()
    assert len(names) > 35
    for step in names:
        lab.lab(fail=step)
        answer = lab.post({"language": "python", "validate": False, "code": "print('foreign code ran')"})
        assert answer.status == 503, (step, answer)
        problem = answer.problem()
        assert problem.get("step") == step and problem["code"] == "layer_unavailable", (step, problem)
        assert problem["hint"] and "made to fail" in problem["detail"], (step, problem)
        assert b"foreign code ran" not in answer.body
        lab.settle(before)
    lab.lab()
    assert lab.run("print('again')")["stdout"] == "again\n"
    lab.settle(before)


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
    problem = stack.post(HELLO).problem()
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
