"""sandgate-docker with an Engine that misbehaves (tests/support/fake_engine.py): each step of making a container gone wrong in
each way. A clear 503 that names the step, no hanging, nothing kept, and the next run works."""

import os
import shutil
import tempfile
import time

import pytest

from docker_stack import DockerStack
from fake_engine import CREATE_FAULTS, FAULTS, OUT_OF_TURN, SCENE_PROCESSES, STEPS, STREAM_FAULTS, FakeEngine
from procfs import links
from stack import wait_until

pytestmark = pytest.mark.xdist_group("docker-faults")
OPENING = ["version", "info", "list", "image", "derived"]  # asked when the Engine comes up
KEPT = 16  # connections to the Engine that sandgate-docker keeps for calls to come, at most (core/docker/http.c)
MAKING = [step for step in STEPS if step not in OPENING]


@pytest.fixture(scope="module")
def faulty():
    directory = tempfile.mkdtemp(prefix="sandgate-fake-")
    os.chmod(directory, 0o755)
    engine = FakeEngine("%s/docker.sock" % directory).start()
    # No trial run can pass here: the fake runs nothing, so `ready` never comes.
    stack = DockerStack(engine, waiting=0, docker="call_ms = 2000", wait=False)
    try:
        stack.start()
        wait_until(lambda: stack.post(PROGRAM).status == 200, 10, what="the fake Engine's first run")
        yield stack, engine
    finally:
        engine.faults.clear()
        stack.stop(check=False)
        engine.stop()
        shutil.rmtree(directory)


PROGRAM = {"language": "python", "validate": False, "code": "print('hello')"}


def works(stack):
    answer = stack.post(PROGRAM)
    return answer.status == 200 and answer.json["stdout"] == "hello\n" and answer.json["stderr"] == "oops"


def refused(stack, seconds=20):
    """The answer to a run that must fail, in time; nothing is left of it at the Engine."""
    began = time.monotonic()
    answer = stack.post(PROGRAM)
    assert time.monotonic() - began < seconds
    assert answer.status == (502 if answer.problem()["code"] == "executor_lost" else 503), answer
    return answer.problem()


def held(stack):
    """Descriptors of the executor, without the workers' connections: a worker has one from its first run on."""
    with open("/proc/net/unix") as f:
        packets = {line.split()[6] for line in f if line.split()[4] == "0005"}  # SOCK_SEQPACKET
    return [link for link in links(stack.pid("executor")) if not any("[%s]" % inode in link for inode in packets)]


@pytest.fixture
def both(faulty):
    stack, engine = faulty
    wait_until(lambda: works(stack), 20, 0.2, "a run before the fault")
    open_before = len(held(stack))
    yield stack, engine
    engine.faults.clear()
    engine.split = False
    wait_until(lambda: works(stack), 20, 0.2, "a run after the fault")
    wait_until(lambda: not engine.containers_made, 10, what="no container is left at the Engine")
    wait_until(lambda: len(held(stack)) <= open_before + KEPT, 5, what="no descriptor is left")


# Nothing is read of the answer to start but its status.
@pytest.mark.parametrize("step, fault", [(s, f) for s in MAKING for f in FAULTS
                                         if s != "start" or f not in ("malformed", "empty", "wrong", "deep")])
def test_each_step_in_each_way(both, step, fault):
    stack, engine = both
    engine.faults[step] = fault
    problem = refused(stack)
    assert problem["code"] in ("layer_unavailable", "busy"), problem
    assert problem["detail"] and problem["hint"], problem
    if fault == "500" and step != "attach":
        assert "no space left on device" in problem["detail"] and "disk is full" in problem["hint"], problem


@pytest.mark.parametrize("fault", CREATE_FAULTS)
def test_a_creation_whose_answer_is_lost(both, fault):
    """The container is there, or comes when nobody waits for it any more: it is found by its label, and removed."""
    stack, engine = both
    engine.faults["create"] = fault
    refused(stack)
    wait_until(lambda: engine.containers_made, 10, 0.01, "the container has come")


def test_a_container_that_is_being_made_is_not_swept(both):
    """A sweep comes by while a creation's answer is on its way: by its name it is known."""
    stack, engine = both
    engine.faults["create"] = "slow"
    for _ in range(12):  # longer than the first intervals
        assert works(stack)


@pytest.mark.parametrize("fault", STREAM_FAULTS + OUT_OF_TURN)
def test_a_container_that_says_what_it_should_not(both, fault):
    stack, engine = both
    engine.faults["attach"] = fault
    if fault == "early":  # it had ended, and the rest is not for us
        assert stack.post(PROGRAM).status == 200
        return
    pid = stack.pid("executor")
    problem = refused(stack, 20)
    assert stack.pid("executor") == pid and os.path.exists("/proc/%d" % pid)
    assert problem["code"] in ("layer_unavailable", "executor_lost") and problem["detail"], problem
    if fault == "stderr":
        assert "panic: out of luck" in problem["detail"]


def ends(both, scene, **fields):
    """The document of a run whose container behaves like that, and how long it took."""
    stack, engine = both
    engine.faults["attach"] = scene
    pid, began = stack.pid("executor"), time.monotonic()
    fields["limits"] = {**fields.get("limits", {}), "processes": SCENE_PROCESSES}
    answer = stack.post({**PROGRAM, **fields})
    assert answer.status == 200, answer
    assert stack.pid("executor") == pid
    return answer.json, time.monotonic() - began


NOT_SEARCHED = {"count": 1, "files": [{"path": ".", "reason": "not_searched"}]}


def test_an_end_that_takes_its_time(both):
    """As long as the container goes on with it: nothing of the run is lost."""
    doc, seconds = ends(both, "slow end", timeout=1)
    assert doc["termination"]["reason"] == "wall_time" and doc["stdout"] == "so so so " and not doc["stdout_truncated"], doc
    assert doc["resource_usage"]["memory_peak_bytes"] == 1 << 20 and doc["files_omitted"]["count"] == 0 and 8 < seconds < 30, doc


def test_an_end_that_does_not_come(both):
    """What is not known is told."""
    doc, seconds = ends(both, "no end", timeout=1)
    assert doc["termination"]["reason"] == "wall_time" and doc["stdout"] == "half of" and seconds < 25, doc
    assert doc["stdout_truncated"] and doc["stdout_bytes"] > 7 and doc["stderr_truncated"], doc
    assert doc["resource_usage"]["memory_peak_bytes"] is None and doc["files_omitted"] == NOT_SEARCHED, doc


def test_an_end_before_the_deadline(both):
    """What is still to be told of it comes behind the deadline, which is not met any more."""
    doc, _ = ends(both, "end in time", timeout=1)
    assert (doc["termination"]["reason"], doc["exit_code"], doc["stdout"]) == ("exited", 3, "late"), doc
    assert not doc["stdout_truncated"] and doc["files_omitted"]["count"] == 0, doc


def test_no_word_after_the_end(both):
    doc, seconds = ends(both, "no word after the end", timeout=30)
    assert (doc["termination"]["reason"], doc["exit_code"], doc["stdout"]) == ("exited", 3, "half of") and seconds < 25, doc
    assert doc["stdout_truncated"] and doc["files_omitted"] == NOT_SEARCHED, doc


def test_files_without_end(both):
    """What had been told before them is whole."""
    doc, seconds = ends(both, "files for ever", timeout=1)
    assert doc["success"] and doc["stdout"] == "whole" and not doc["stdout_truncated"] and 15 < seconds < 50, doc
    assert doc["resource_usage"]["memory_peak_bytes"] == 1 << 20 and doc["files"] == [] and doc["files_omitted"] == NOT_SEARCHED, doc


def test_output_without_end(both):
    doc, seconds = ends(both, "output for ever", timeout=1)
    assert doc["termination"]["reason"] == "wall_time" and doc["stdout_truncated"] and 15 < seconds < 50, doc


def test_a_slow_end_gets_a_whole_cpu(both):
    """What has come to its end at once has not: that costs a call."""
    stack, engine = both
    engine.updates.clear()
    assert works(stack) and not engine.updates
    ends(both, "no word after the end", limits={"cpu_percent": 100})
    assert not engine.updates
    ends(both, "no word after the end", limits={"cpu_percent": 1})
    assert engine.updates == [{"CpuPeriod": 100000, "CpuQuota": 100000}]


def test_frames_split_at_every_byte(both):
    stack, engine = both
    engine.split = True
    assert works(stack)


@pytest.mark.parametrize("step", ["create", "inspect"])
def test_answers_that_drip(both, step):
    stack, engine = both
    engine.faults[step] = "drip"
    assert works(stack)


def test_another_container_than_was_asked_for(both):
    stack, engine = both
    engine.faults["inspect"] = "privileged"
    problem = refused(stack)
    assert "privileged" in problem["detail"] and problem["step"] == "docker_inspect", problem


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", OPENING)
def test_an_engine_that_comes_back_wrong(both, step, fault):
    stack, engine = both
    engine.faults[step] = fault
    engine.stop()
    wait_until(lambda: stack.post(PROGRAM).status == 503, 10, what="it is noticed")
    engine.start()
    wait_until(lambda: step in engine.calls[-20:], 10, what="it is asked")
    problem = refused(stack)
    assert problem["detail"] and problem["code"] in ("layer_unavailable", "busy"), problem


def test_an_engine_that_is_too_old(both):
    stack, engine = both
    engine.api = "1.40"
    engine.stop()
    wait_until(lambda: stack.post(PROGRAM).status == 503, 10, what="it is noticed")
    engine.start()
    try:
        def told():
            problem = stack.post(PROGRAM).problem()
            return problem if "too old" in problem["detail"] else None
        problem = wait_until(told, 10)
        assert "1.40" in problem["detail"] and "20.10" in problem["hint"], problem
        ready = stack.get("/ready")
        assert ready.status == 503 and "too old" in ready.problem()["detail"]
        assert stack.get("/health").status == 200
    finally:
        engine.api = "1.41"


def test_an_engine_that_is_away(both):
    stack, engine = both
    engine.stop()
    try:
        wait_until(lambda: "does not answer" in stack.post(PROGRAM).problem()["detail"], 10)
        problem = stack.post(PROGRAM).problem()
        assert "docker.engine_socket" in problem["hint"] and problem["step"], problem
        assert stack.get("/health").status == 200
        wait_until(lambda: "does not answer" in stack.get("/ready").problem()["detail"], 10)
    finally:
        engine.start()


# ---- images -----------------------------------------------------------------------------------------------------


@pytest.fixture
def engine_without_images(tmp_path):
    directory = tempfile.mkdtemp(prefix="sandgate-fake-")
    os.chmod(directory, 0o755)
    engine = FakeEngine("%s/docker.sock" % directory)
    yield engine
    engine.stop()
    shutil.rmtree(directory)


def test_a_sweep_leaves_the_container_of_an_image_that_is_being_made(engine_without_images):
    engine = engine_without_images.start()
    with DockerStack(engine, waiting=0, wait=False) as stack:
        wait_until(lambda: works(stack), 20, 0.2, "a run")
        engine.faults["derived"] = "absent"
        engine.image = "sha256:" + "ef" * 32  # somebody has pulled another one
        wait_until(lambda: "commit" in engine.calls, 30, 0.1, "an image that is made anew")
        wait_until(lambda: "derived" not in engine.faults, 60, 0.1, "its end")
        wait_until(lambda: works(stack), 20, 0.2, "a run in it")
        begun = engine.calls.index("commit")
        assert engine.calls.count("commit") == 1 and "list" in engine.calls[begun:], engine.calls[begun:]


def test_a_pull_that_fails_is_told(engine_without_images):
    """The Engine says 200 before it has begun."""
    engine = engine_without_images
    engine.faults["image"] = "absent"
    engine.start()
    with DockerStack(engine, waiting=0, wait=False, docker="pull = on") as stack:
        problem = wait_until(lambda: (lambda p: p if "pull rate limit" in p["detail"] else None)(stack.post(PROGRAM).problem()), 20, 0.2)
        assert problem["status"] == 503 and problem["step"] == "docker_image", problem
