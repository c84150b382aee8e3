"""Runs with `trace_denied_syscalls`: no layer is weaker. Each refused call gets the errno that it gets without, and is
counted; a few telling attacks; a live box, compared with one that is not traced."""

import json
import os

import pytest
import test_profile
from catalogue import ATTACKS
from stack import ROOT
from test_posture import Box, mounts, read, status

TRACED = {"trace_denied_syscalls": True}
# What concerns the filter, its listener, pid 1 and the end of a run.
TELLING = ("execve execve_in_thread loader_exec execveat memfd_exec vfork_child int_80 x32_numbers no_new_privs inherited_descriptors "
           "event_of_pid_1 reads_pid_1 root_of_pid_1 kills_pid_1 join_namespace fork_bomb thread_bomb leader_exits stops_itself "
           "orphan_keeps_pipes treadmill").split()
BY_NAME = {attack.name: attack for attack in ATTACKS}
STACKS = [(executor, "template") for executor in (["root", "rootless"] if ROOT else ["rootless"])]
each_executor = pytest.mark.parametrize("production_stack", STACKS, indirect=True, ids=lambda p: p[0])


@each_executor
@pytest.mark.parametrize("profile", test_profile.PROFILES)
def test_every_refused_call(production, profile):
    wanted = test_profile.expected(profile)
    doc = production.run(test_profile.PROBER.replace("@NUMBERS@", repr(sorted(wanted))), language=test_profile.PROFILES[profile],
                         **TRACED)
    found = {int(k): v for k, v in json.loads(doc["stdout"]).items()}
    wrong = {"%d %s" % (number, name): "errno %s, expected %d" % (found.get(number), errnum)
             for number, (name, errnum) in wanted.items() if found.get(number) != errnum}
    assert not wrong
    counted = {d["name"]: d["count"] for d in doc["denied_syscalls"]}
    known = test_profile.numbers()
    missing = {number for number in wanted if counted.get(known.get(number, "syscall_%d" % number), 0) < 1}
    assert not missing, counted


@each_executor
@pytest.mark.parametrize("profile", ["python", "shell"])
def test_refused_by_argument(production, profile):
    test_profile.test_refused_by_argument(production, profile, TRACED)


@each_executor
@pytest.mark.parametrize("name", TELLING)
def test_contained(production, world, name):
    attack = BY_NAME[name]
    answer = production.attack(attack, world, **TRACED)
    assert answer.status == 200 and isinstance(answer.doc["denied_syscalls"], list), answer
    assert attack.contained(answer), "%s: %s\n%r" % (attack.harm, attack.contained.__name__, answer)
    assert answer.seconds < attack.seconds, answer
    if attack.observe and world.has(attack.needs):
        assert not attack.observe(world), "seen on the host: " + attack.harm


def posture(box):
    """What is the same of all boxes, but for ids and pids."""
    state, of_init = status(box.program), status(box.init)
    same = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Threads")
    return {"program": {name: state[name].strip() for name in same},
            "init": {name: of_init[name].strip() for name in same},
            "limits": read(box.program, "limits"),
            "mounts": sorted((place, sorted(options), kind) for place, (options, kind, _) in mounts(box.program).items()),
            "descriptors": sorted(os.listdir("/proc/%d/fd" % box.program)),
            "dumpable": os.stat("/proc/%d/fd" % box.init).st_uid}


@each_executor
def test_posture(production):
    boxes = [Box(production, args=["x"]), Box(production, **TRACED)]
    try:
        plain, traced = boxes
        assert posture(plain) == posture(traced)
        assert [status(b.program)["Seccomp_filters"].strip() for b in boxes] == ["2", "1"]
        of_init = [sorted(os.readlink("/proc/%d/fd/%s" % (b.init, n)).partition(":")[2] for n in os.listdir("/proc/%d/fd" % b.init))
                   for b in boxes]
        more = list(of_init[1])
        for name in of_init[0]:
            if name in more:
                more.remove(name)
        assert [name for name in more if "seccomp" in name] == ["seccomp notify"], of_init
        assert len(of_init[1]) == len(of_init[0]) + 1, of_init
    finally:
        for box in boxes:
            box.close()
