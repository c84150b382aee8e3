"""Stacks and the world for attacks: one of each per pytest process.

    production     each test three times: the executor as a root service and rootless, programs clones of templates; and
                   as a root service that starts every program cold
    control        the lab executor, whose layers a test switches off: control.lab(off="seccomp")
    world          what the attacks aim at on the host
"""

import os
import resource
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from attacked import AttackedStack  # noqa: E402
from stack import ROOT  # noqa: E402
from world import World  # noqa: E402

EXECUTORS = ["root", "rootless"] if ROOT else ["rootless"]
STARTS = [(executor, "template") for executor in EXECUTORS] + [(EXECUTORS[0], "cold")]


@pytest.fixture(scope="session")
def world():
    with World() as one:
        yield one


# The probers of test_profile.py make raw system calls, which JavaScript has no way to: Python under that profile.
PROBER = """language = python-by-@
entry = main.py
command = { /usr/bin/python3, "{file}" }
rules = python
profile = @
probe = 'print("version 1")'
"""
PROBED = ["node", "generic", "shell", "compiler"]


def add_probers(stack):
    for profile in PROBED:
        with open(stack.path("conf", "sandgate", "runtimes.d", "python-by-%s.conf" % profile), "w") as f:
            f.write(PROBER.replace("@", profile))


def running(world, **options):
    one = AttackedStack(before=add_probers, **options)
    one.mark = world.things["MARK"]
    return one.start_counted("import numpy; print(1)")


@pytest.fixture(scope="session", params=STARTS, ids=lambda p: p[0] if p[1] == "template" else "-".join(p))
def production_stack(request, world):
    one = running(world, executor=request.param[0], start=request.param[1])
    yield one
    one.stop()


@pytest.fixture
def production(production_stack, world):
    yield production_stack
    world.end_victim()
    production_stack.settle(production_stack.baseline)


@pytest.fixture(scope="session")
def control_stack(world):
    if not ROOT:
        pytest.skip("the control box needs root: its layers are switched off one by one")
    # What a service manager gives: descriptors are bounded by the box, not by what we inherited.
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    one = running(world, executor="root", lab=True)
    yield one
    one.lab()
    one.stop()


@pytest.fixture
def control(control_stack, world):
    yield control_stack
    world.end_victim()
    control_stack.lab()
    control_stack.settle(control_stack.baseline)
