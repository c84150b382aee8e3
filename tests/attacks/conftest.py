"""Stacks and the world for attacks: one of each per pytest process.

    production     each test three times: the executor as a root service and rootless, programs clones of templates; and
                   as a root service that starts every program cold
    control        the lab executor, whose layers a test switches off: control.lab(off="seccomp")
    world          what the attacks aim at on the host
"""

import os
import resource
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from stack import ROOT, Stack  # noqa: E402
from table import Answer, source  # noqa: E402
from world import World  # noqa: E402

EXECUTORS = ["root", "rootless"] if ROOT else ["rootless"]
STARTS = [(executor, "template") for executor in EXECUTORS] + [(EXECUTORS[0], "cold")]


class AttackedStack(Stack):
    """Its executor's environment holds a mark that no program may see."""

    mark = ""

    def environment(self):
        return {**super().environment(), "SG_ATTACK_MARK": self.mark}

    def attack(self, attack, world):
        """Posts the program (or the two); the answer, with both outputs."""
        if "@VICTIM@" in attack.program:
            world.end_victim()
            world.new_victim(self.uid_of_executor())
        answers = [self.attack_once(attack, program, world) for program in (attack.program, attack.second)
                   if program is not None]
        for one in answers[:-1]:
            answers[-1].stdout = one.stdout + answers[-1].stdout
        return answers[-1]

    def uid_of_executor(self):
        """On the host: it is root of a user namespace of its own, and nobody outside."""
        with open("/proc/%d/uid_map" % self.executor_child()) as f:
            return next(int(line.split()[1]) for line in f if line.split()[0] == "0")

    def attack_once(self, attack, program, world):
        began = time.monotonic()
        answer = self.post({"language": attack.language, "validate": False,
                            "code": source(program, world.things, attack.language),
                            **{"timeout": 8, **attack.fields}}, timeout=60)
        took = time.monotonic() - began
        if answer.status == 200:
            self.check_start(answer.json, attack.fields)
        return Answer(answer.json, took, answer.status)

    def run(self, code=None, **fields):
        doc = super().run(code, **fields)
        if fields.get("status", 200) == 200:
            self.check_start(doc, fields)
        return doc

    def check_start(self, doc, fields):
        """That an attack meets the way to start that it is meant to. Arguments and environment make it a cold one."""
        plain = not fields.get("args") and not fields.get("env")
        if doc["runtime"]["language"] == "python":
            assert doc["timings"]["start"] == ("warm" if self.warm and plain else "cold"), doc


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
    one.start()
    one.run("import numpy; print(1)")
    one.baseline = one.counts()
    return one


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
    control_stack.settle(control_stack.baseline, timeout=8)
