"""Fixtures for all tests that need the running service. What a stack can do: tests/support/stack.py.

    stack          shared by the tests of one pytest process; the executor runs as root if we are root
    either_stack   the same, each test three times: executor as root and rootless, and as root without templates
    any_stack      as either_stack, and with the Docker engine (a real one: tests/support/dockerd.py)
    make_stack     make_stack(executor=..., slots=..., ...): a stack of one's own, stopped at the end of the test

Each test that uses a shared stack is followed by a count: no process, mount, cgroup, descriptor or file may be
left behind that was not there before it. A test that is skipped must be listed in tests/allowed-skips.

    @pytest.mark.needs_root      becomes other users, or mounts
    @pytest.mark.needs_cgroups   asks for a limit that only a cgroup gives; an ordinary user has none delegated
"""

import contextlib
import os
import signal
import sys
import threading

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

from stack import ROOT, Stack  # noqa: E402

MARKS = {"needs_root": "needs root", "needs_cgroups": "needs cgroups, which this user has none of (run as root)"}
LONG_GROUPS = ("packages", "quickstart", "templates-killed")
EXECUTORS = ["root", "rootless"] if ROOT else ["rootless"]
STARTS = [(executor, "template") for executor in EXECUTORS] + [(EXECUTORS[0], "cold")]


def pytest_configure(config):
    # A pytest that timeout(1) or a service manager ends stops its stacks, as after Control-C.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    # pytest-xdist kills a process that takes longer to stop: each stack takes seconds, and several may be there.
    with contextlib.suppress(ImportError):
        from xdist.workermanage import NodeManager
        NodeManager.EXIT_TIMEOUT = 60
    for name, text in MARKS.items():
        config.addinivalue_line("markers", "%s: %s" % (name, text))


def pytest_collection_modifyitems(items):
    """A group is one process's: those that take minutes begin first, so that nobody is left alone with one at the end."""
    def is_long(item):
        mark = item.get_closest_marker("xdist_group")
        return mark is not None and mark.args[0] in LONG_GROUPS
    items.sort(key=lambda item: not is_long(item))


def pytest_runtest_setup(item):
    for name, text in MARKS.items():
        if not ROOT and item.get_closest_marker(name):
            pytest.skip(text)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """For fixtures: request.node.failed."""
    report = (yield).get_result()
    item.failed = report.failed or getattr(item, "failed", False)


@pytest.fixture(scope="session")
def shared_stacks():
    """{options: Stack}: started on first use, stopped (and counted) at the end of this process."""
    stacks = {}
    yield stacks
    for one in stacks.values():
        one.stop()


def shared(stacks, executor, start="template"):
    if (executor, start) not in stacks:
        stacks[executor, start] = Stack(executor=executor, start=start).start_counted()
    return stacks[executor, start]


@pytest.fixture(scope="session")
def shared_stack(shared_stacks):
    """A module whose `stack` is of another kind has a fixture of this name."""
    return shared(shared_stacks, EXECUTORS[0])


@pytest.fixture
def stack(shared_stack):
    yield shared_stack
    shared_stack.settle(shared_stack.baseline)


@pytest.fixture(params=STARTS, ids=lambda p: p[0] if p[1] == "template" else "-".join(p))
def either_stack(shared_stacks, request):
    one = shared(shared_stacks, *request.param)
    yield one
    one.settle(one.baseline)


@pytest.fixture(scope="session")
def docker_engine():
    """One real Engine for all that ask for it: they are of one xdist group, hence of one process."""
    import dockerd
    missing = dockerd.docker_missing()
    if missing:
        pytest.skip(missing)
    engine = dockerd.Dockerd().start()
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def shared_docker_stack(docker_engine):
    import docker_stack
    one = docker_stack.DockerStack(docker_engine).start_counted()
    yield one
    one.stop()


DOCKER = pytest.param(("docker", "ahead"), marks=pytest.mark.xdist_group("docker"))


@pytest.fixture(params=STARTS + [DOCKER], ids=lambda p: p[0] if p[1] in ("template", "ahead") else "-".join(p))
def any_stack(request, shared_stacks):
    """As either_stack, and once more with the Docker engine."""
    if request.param[0] != "docker":
        one = shared(shared_stacks, *request.param)
    else:
        one = request.getfixturevalue("shared_docker_stack")
    yield one
    one.settle(one.baseline)


@pytest.fixture
def make_docker_stack(docker_engine):
    """As make_stack: options of docker_stack.DockerStack."""
    import docker_stack
    stacks = []

    def make(**options):
        stacks.append(docker_stack.DockerStack(options.pop("engine", docker_engine), **options))
        return stacks[-1].start()

    yield make
    for one in stacks:
        one.stop()


@pytest.fixture
def make_stack():
    stacks = []

    def make(**options):
        options.setdefault("executor", EXECUTORS[0])
        stacks.append(Stack(**options).start())
        return stacks[-1]

    yield make
    for one in stacks:
        one.stop()
