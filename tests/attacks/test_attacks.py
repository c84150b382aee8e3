"""Every attack of catalogue/: contained in production (root service and rootless), seen to succeed in the control box
where the layers that it names are off."""

import os
import re
import subprocess

import pytest
from catalogue import ATTACKS
from stack import BUILD, ROOT, SOURCE

BY_NAME = {attack.name: attack for attack in ATTACKS}


@pytest.mark.parametrize("name", BY_NAME)
def test_contained(production, world, name):
    attack = BY_NAME[name]
    if not ROOT and all(layer.startswith("cgroup_") for layer in attack.layers):
        pytest.skip("only cgroups contain it, and nobody has delegated any to this ordinary user")
    answer = production.attack(attack, world)
    assert answer.status == 200, answer
    assert attack.contained(answer), "%s: %s\n%r" % (attack.harm, attack.contained.__name__, answer)
    assert answer.seconds < attack.seconds, answer
    if attack.observe and world.has(attack.needs):
        assert not attack.observe(world), "seen on the host: " + attack.harm


@pytest.mark.parametrize("name", BY_NAME)
def test_succeeds_without_its_layers(control, world, name):
    attack = BY_NAME[name]
    if not world.has(attack.needs):
        pytest.skip("this host has no %s" % ", ".join(attack.needs))
    control.lab(off=attack.off)
    answer = control.attack(attack, world)
    assert answer.doc.get("code") != "layer_unavailable", "the control box was not built: %r" % answer
    assert attack.succeeded(answer), "not seen to succeed (%s)\n%r" % (attack.harm, answer)
    if attack.observe:
        assert attack.observe(world), "not seen on the host: " + attack.harm


ALONE = [(attack.name, layer) for attack in ATTACKS if len(attack.layers) > 1 for layer in attack.layers]

# A filter needs either no_new_privs or a capability: the box itself refuses to be without both.
CANNOT_BE_BUILT = {("no_new_privs", "capabilities")}


@pytest.mark.parametrize("name,layer", ALONE)
def test_each_layer_alone_contains(control, world, name, layer):
    """Defence in depth, proved: with all others of its layers off, this one still holds."""
    attack = BY_NAME[name]
    control.lab(off=",".join(other for other in attack.layers if other != layer))
    answer = control.attack(attack, world)
    if (name, layer) not in CANNOT_BE_BUILT:
        assert answer.doc.get("code") != "layer_unavailable", "the control box was not built: %r" % answer
    assert not attack.succeeded(answer), "%s alone does not contain: %s\n%r" % (layer, attack.harm, answer)
    assert not (attack.observe and attack.observe(world)), "seen on the host: " + attack.harm


def test_catalogue():
    """Enough of them, in each category, and every switch that they name exists."""
    assert len(ATTACKS) == len(BY_NAME) >= 75
    categories = {attack.category for attack in ATTACKS}
    assert categories == {"file system", "processes", "network", "privilege", "kernel surface", "resources",
                          "result forgery"}
    listed = subprocess.run([BUILD + "/sandgate-native-lab", "--list-layers"], stdout=subprocess.PIPE, check=True)
    known = set(listed.stdout.decode().split())
    for attack in ATTACKS:
        assert attack.layers and set(attack.layers) <= known, attack.name


def test_every_layer_is_attacked():
    """No layer is there that no attack needs to have off."""
    named = {layer for attack in ATTACKS for layer in attack.layers}
    untested = {
        "mount_ns": "without it the box would build its root on the host: what it hides is attacked by close_fds",
        "private_uid": "test_posture.py compares the ids of two boxes",
        "proc_mask": "the same as proc",
        "profile": "no program runs without it: test_steps.py sees that it is missed",
    }
    listed = subprocess.run([BUILD + "/sandgate-native-lab", "--list-layers"], stdout=subprocess.PIPE, check=True)
    assert set(listed.stdout.decode().split()) - named == set(untested)


def test_threat_model_names_them_all():
    """docs/THREAT-MODEL.md has every attack and every switch, and none that is not there."""
    with open(os.path.join(SOURCE, "docs", "THREAT-MODEL.md"), encoding="utf-8") as f:
        text = f.read()
    named = set(re.findall(r"`([a-z0-9_]+)`", text[text.index("## The layers"):text.index("## Privileges")]))
    layers = {layer for attack in ATTACKS for layer in attack.layers}
    assert not set(BY_NAME) - named, "not in the threat model"
    assert not layers - named
    for row in re.findall(r"^\| ((?:`[a-z_0-9]+`(?:, )?)+) \|.*\| (.*) \|$", text, re.M):
        switches = set(re.findall(r"`(\w+)`", row[0]))
        for bold, name in re.findall(r"(\*\*)?`(\w+)`", row[1]):
            if name in BY_NAME and switches <= layers:
                assert switches & set(BY_NAME[name].layers), (row[0], name)
                assert bool(bold) == (len(BY_NAME[name].layers) == 1), (row[0], name)
