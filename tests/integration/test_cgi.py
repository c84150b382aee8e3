"""The same binary as plain CGI under fcgiwrap, and as FastCGI worker without a service: private executors."""

import pytest

from stack import Stack, wait_until


@pytest.fixture(scope="module", params=["cgi", "embedded"])
def private(request):
    with Stack(executor="embedded", cgi=request.param == "cgi", workers=3) as one:
        one.kind = request.param
        one.run("print(1)")
        yield one


def test_run(private):
    doc = private.run("import sys\nprint(sys.stdin.read(), sys.argv[1:])", stdin="in", args=["a", "b"])
    assert (doc["stdout"], doc["exit_code"]) == ("in ['a', 'b']\n", 0)
    assert doc["isolation"]["uid"] == "shared"
    assert {"cgroup_memory", "cgroup_pids", "cgroup_cpu", "private_uid"} <= set(doc["isolation"]["missing"])
    assert doc["isolation"]["namespaces"] == ["user", "mount", "pid", "net", "ipc", "uts", "cgroup"]


def test_numpy(private):
    assert private.run("import numpy; print(numpy.mean([1, 2, 3, 4, 5]))")["stdout"] == "3.0\n"


def test_timeout(private):
    doc = private.run("while True: pass", timeout=0.5)
    assert (doc["status"], doc["termination"]["reason"]) == ("failed", "wall_time")


def test_a_version_can_be_named(private):
    """It is known after the trial runs, which a private executor makes when it is asked: of plain CGI each request has another one."""
    for version in ("3", "3.11"):
        doc = private.run("print(1)", version=version)
        assert (doc["stdout"], doc["runtime"]["version"][:4]) == ("1\n", "3.11"), doc
    answer = private.post({"language": "python", "code": "", "version": "2.7"})
    assert (answer.status, answer.problem()["code"]) == (422, "unknown_runtime"), answer


def test_bad_request_is_a_problem(private):
    doc = private.post({"language": 7}).problem()
    assert doc["code"] == "invalid_request"


@pytest.mark.parametrize("path", ["/health", "/ready", "/version", "/v1/limits", "/v1/runtimes", "/openapi.json"])
def test_status(private, path):
    answer = private.get(path)
    assert answer.status == 200, answer


def test_unknown_paths(private):
    assert private.get("/nope").problem()["code"] == "not_found"
    assert private.get("/v1/nope").problem()["code"] == "not_found"


def test_nothing_is_left(private):
    """After plain CGI no process of the run stays; a worker's private executor stays with the worker."""
    before = private.rest()
    for _ in range(5):
        private.run("print(1)")
    if private.kind == "cgi":
        wait_until(lambda: not private.children("workers", "sandgate"), what="the last process to go")
    private.settle({**before, "workers": max(before["workers"], 3)})


def test_layers_that_may_not_be_missing_are_a_refusal(make_stack):
    """Without cgroups and without leave to do without them: 503 with the layer and the fix, nothing runs."""
    one = make_stack(executor="embedded", native='allow_missing = { "landlock" }', workers=2, wait=False)
    doc = one.post({"language": "python", "validate": False, "code": "print(1)"}).problem()
    assert (doc["status"], doc["code"]) == (503, "layer_unavailable"), doc
    assert "cgroup" in doc["detail"] or "uid" in doc["detail"]
    assert doc["hint"]
