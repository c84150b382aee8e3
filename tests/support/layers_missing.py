#!/usr/bin/python3
"""Prints which layers of a box this user cannot have here, as values for native.allow_missing ("" when none).

Cgroup layers: a directory must be writable below our own cgroup, per controller. private_uid: root, or a range of
ids for newuidmap. With any of them `landlock` is named too, as in the built-in default, which the key replaces."""

import os
import pwd
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from procfs import cgroup_mounts  # noqa: E402

LAYERS = {"memory": "cgroup_memory", "pids": "cgroup_pids", "cpu": "cgroup_cpu"}


def writable_controllers():
    found = set()
    for names, mount, own in cgroup_mounts():
        top = os.path.join(mount, own.lstrip("/"))
        if not os.access(top, os.W_OK):
            continue
        if names:
            found |= set(names.split(","))
        else:
            with open(os.path.join(top, "cgroup.controllers")) as f:
                found |= set(f.read().split())
    return found


def has_range():
    uid = os.getuid()
    try:
        names = {str(uid), pwd.getpwuid(uid).pw_name}
    except KeyError:
        names = {str(uid)}
    for path in ("/etc/subuid", "/etc/subgid"):
        try:
            with open(path) as f:
                if not any(line.split(":")[0] in names for line in f):
                    return False
        except OSError:
            return False
    return shutil.which("newuidmap") is not None


def main():
    if os.geteuid() == 0:
        return
    have = writable_controllers()
    missing = [layer for controller, layer in LAYERS.items() if controller not in have]
    if not has_range():
        missing.append("private_uid")
    if missing:
        print(", ".join('"%s"' % layer for layer in missing + ["landlock"]))


main()
