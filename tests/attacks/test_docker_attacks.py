"""The attacks of catalogue/ that Python makes, in containers of the Docker engine. That each of them is seen to succeed where
its layers are off is shown by test_attacks.py, with the native engine's control box: the program's plan, its filter and the code
that gives everything up are the same."""

import base64
import re

import pytest
from catalogue import ATTACKS
from attacked import AttackedStack

from docker_stack import DockerStack
from stack import wait_until

pytestmark = pytest.mark.xdist_group("docker")

# What is otherwise in a container, and why it is no harm.
OTHERWISE = {
    "device_inventory": "the Engine's /dev has more names; test_docker.py: none of them can be opened",
    "terminals": "the same",
    "kernel_files_in_proc": "the Engine's /proc has them; test_docker.py: none of them can be opened",
    "lock_channel": "nothing of the host is in an image: there is no file that both have",
    "record_lock_channel": "the same",
}
BY_NAME = {attack.name: attack for attack in ATTACKS if attack.language == "python" and attack.name not in OTHERWISE}


class AttackedDockerStack(DockerStack, AttackedStack):
    """The victim of attacks on processes of the same uid is one of sandgate-docker's own."""

    def uid_of_executor(self):
        return self.service_uid

    def check_start(self, doc, fields):
        assert doc["engine"] == "docker"


@pytest.fixture(scope="module")
def attacked(docker_engine, world):
    one = AttackedDockerStack(docker_engine, waiting=2)
    one.mark = world.things["MARK"]
    yield one.start_counted("import numpy; print(1)")
    one.stop()


@pytest.mark.parametrize("name", BY_NAME)
def test_contained_by_docker(attacked, world, name):
    attack = BY_NAME[name]
    answer = attacked.attack(attack, world)
    assert answer.status == 200, answer
    assert attack.contained(answer), "%s: %s\n%r" % (attack.harm, attack.contained.__name__, answer)
    assert answer.seconds < attack.seconds + 30, answer  # a container may have had to be made first
    if attack.observe and world.has(attack.needs):
        assert not attack.observe(world), "seen on the host: " + attack.harm


def test_nothing_is_left_of_them(attacked, world):
    world.end_victim()
    attacked.wait_full()
    attacked.settle(attacked.baseline)


# ---- code in the input -------------------------------------------------------------------------------------------

# What a client sends as input is a file with a descriptor: with an ELF in it, what maps it executably runs what it likes.
BY_INPUT = {
    "the loader": ("bash", "/usr/bin/echo", "/lib64/ld-linux-x86-64.so.2 /proc/self/fd/0 ESCAPED; /lib64/ld-linux-x86-64.so.2 /dev/stdin ESCAPED"),
    "a shell": ("bash", "/usr/bin/echo", "exec /proc/self/fd/0 ESCAPED"),
    "a library": ("python", "/lib/x86_64-linux-gnu/libz.so.1",
                  "import ctypes; print('ESCAPED', ctypes.CDLL('/proc/self/fd/0').zlibVersion)"),
    "a library, ahead": ("python", "/lib/x86_64-linux-gnu/libz.so.1",
                         "import ctypes; print('ESCAPED', ctypes.CDLL('/dev/stdin').zlibVersion)"),
    "a mapping": ("python", "/usr/bin/echo", "import mmap; mmap.mmap(0, 0, prot=5, flags=mmap.MAP_PRIVATE); print('ESCAPED')"),
    "an addon": ("javascript", "/lib/x86_64-linux-gnu/libz.so.1",
                 "try { process.dlopen({ exports: {} }, '/proc/self/fd/0') } catch (e) { if (!/self-register/.test(e.message)) throw e }\n"
                 "console.log('ESCAPED')"),
}


@pytest.fixture(scope="module")
def shells(docker_engine):
    with DockerStack(docker_engine, languages=("python", "bash", "node"), images={"bash": "sandgate-gcc", "node": "sandgate-node"},
                     waiting=1) as one:
        yield one


@pytest.mark.parametrize("name", BY_INPUT)
def test_input_is_not_executed(shells, name):
    language, path, program = BY_INPUT[name]
    with open(path, "rb") as f:
        elf = base64.b64encode(f.read()).decode()
    ahead = name.endswith("ahead")

    def execute():
        shells.wait_full()
        doc = shells.run(program, language=language, stdin={"content": elf, "encoding": "base64"}, **({} if ahead else {"env": {"X": "1"}}))
        return doc if doc["timings"]["start"] == ("ahead" if ahead else "cold") else None

    doc = wait_until(execute, 30, 0.2, "an interpreter that waits")
    assert "ESCAPED" not in doc["stdout"] and doc["exit_code"] not in (0, None), doc
    assert re.search("cannot enable executable|failed to map segment|Permission denied|not permitted|cannot open shared", doc["stderr"]), doc
