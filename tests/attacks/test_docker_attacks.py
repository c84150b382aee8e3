"""The attacks of catalogue/ that Python makes, in containers of the Docker engine. That each of them is seen to succeed where
its layers are off is shown by test_attacks.py, with the native engine's control box: the program's plan, its filter and the code
that gives everything up are the same."""

import pytest
from catalogue import ATTACKS
from attacked import AttackedStack

from docker_stack import DockerStack

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
    one.start()
    one.run("import numpy; print(1)")
    one.wait_pool()
    one.baseline = one.counts()
    yield one
    one.stop()


@pytest.mark.parametrize("name", BY_NAME)
def test_contained_by_docker(attacked, world, name):
    attack = BY_NAME[name]
    answer = attacked.attack(attack, world)
    assert answer.status == 200, answer
    assert attack.contained(answer), "%s: %s\n%r" % (attack.harm, attack.contained.__name__, answer)
    assert answer.seconds < attack.seconds, answer
    if attack.observe and world.has(attack.needs):
        assert not attack.observe(world), "seen on the host: " + attack.harm


def test_nothing_is_left_of_them(attacked, world):
    world.end_victim()
    attacked.wait_pool()
    attacked.settle(attacked.baseline)
