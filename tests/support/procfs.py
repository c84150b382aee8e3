"""What /proc says: processes and whose children they are, what they have open, mounts, cgroups.

    before = process_table(); descendants(pid); links(pid, kind="socket:"); mounts(); cgroup_mounts()
    with one_look(): ...                        # each thing is read once and then remembered
"""

import contextlib
import os
import re
import threading

ROOT = os.geteuid() == 0
_look = threading.local()


@contextlib.contextmanager
def one_look():
    """What is read below of processes and descriptors is read once and then remembered: a count of a stack asks some twenty
    times, of hundreds of processes."""
    if getattr(_look, "seen", None) is not None:
        yield
        return
    _look.seen = {}
    try:
        yield
    finally:
        _look.seen = None


def once_a_look(function):
    def remembered(*arguments):
        seen = getattr(_look, "seen", None)
        if seen is None:
            return function(*arguments)
        key = (function.__name__,) + arguments
        if key not in seen:
            seen[key] = function(*arguments)
        return seen[key]
    return remembered


@once_a_look
def process_table():
    """{pid: (ppid, state, comm)} of all processes."""
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                with open("/proc/%s/stat" % name, errors="replace") as f:
                    text = f.read()
                comm, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
                table[int(name)] = (int(rest[1]), rest[0], comm)
    return table


def started(pid):
    """When, in ticks; None: it has gone. Together they name a process: numbers are used again."""
    with contextlib.suppress(OSError, IndexError):
        with open("/proc/%d/stat" % pid, errors="replace") as f:
            return f.read().rpartition(")")[2].split()[19]
    return None


@once_a_look
def process_tree():
    """{pid: [pids of its children]}."""
    children = {}
    for pid, (ppid, _, _) in process_table().items():
        children.setdefault(ppid, []).append(pid)
    return children


def descendants(*pids):
    """The given processes (those that live) and all that they have started, zombies included."""
    with one_look():
        table, children, found, todo = process_table(), process_tree(), [], list(pids)
    while todo:
        pid = todo.pop()
        if pid in table:
            found.append(pid)
            todo += children.get(pid, [])
    return found


@once_a_look
def process_uids():
    """{pid: uid} of all processes."""
    uids = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                uids[int(name)] = os.stat("/proc/" + name).st_uid
    return uids


def processes_of_uids(low, high):
    return [pid for pid, uid in process_uids().items() if low <= uid < high]


# What the executor keeps open of a cell, as readlink() tells it; and of a cgroup: directories, files to join by, figures.
CELL_FILES = r"(user|uts|net):\[|/proc/\d+/net/(dev|sockstat)"
CGROUP_FILES = r".*/(box-\d+-\d+-\d+)(/.*)?$"


@once_a_look
def all_links(pid):
    found = []
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc/%d/fd" % pid):
            with contextlib.suppress(OSError):
                found.append(os.readlink("/proc/%d/fd/%s" % (pid, name)))
    return found


def links(pid, kind="", but="$^"):
    """What is open, as readlink() tells it; of that kind, and not of another: patterns that it begins with."""
    return [link for link in all_links(pid) if re.match(kind, link) and not re.match(but, link)]


def descriptors(pid, kind="", but="$^"):
    return len(links(pid, kind, but))


def mounts(pid="self"):
    try:
        with open("/proc/%s/mountinfo" % pid) as f:
            return len(f.readlines())
    except OSError:
        return 0


def cgroup_mounts():
    """[(controllers, mount point, own path below it)] of this process: v1 hierarchies and v2 ("")."""
    own = {}
    with open("/proc/self/cgroup") as f:
        for line in f:
            _, names, path = line.rstrip("\n").split(":", 2)
            own[frozenset(names.split(",")) if names else frozenset()] = path
    result = []
    with open("/proc/self/mountinfo") as f:
        for line in f:
            left, right = line.split(" - ", 1)
            kind, _, options = right.split()[:3]
            if kind == "cgroup2":
                result.append(("", left.split()[4], own.get(frozenset(), "/")))
            elif kind == "cgroup":
                for names, path in own.items():
                    if names and names <= set(options.split(",")):
                        result.append((",".join(sorted(names)), left.split()[4], path))
    return result
