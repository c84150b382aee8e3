"""A live box read from outside, while its program sleeps, and compared with what a box must be."""

import contextlib
import itertools
import os
import re
import time

import pytest
from procfs import process_table
from stack import ROOT, wait_until

NAMESPACES = ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"]
# Under a name of its own: clones that wait for a program look like one that sleeps.
SLEEPER = "import ctypes, time; ctypes.CDLL(None).prctl(15, b'%s', 0, 0, 0); print('up', flush=True); time.sleep(30)"
_names = ("sleeper-%d" % n for n in itertools.count())


def read(pid, name):
    with open("/proc/%d/%s" % (pid, name), errors="replace") as f:
        return f.read()


def status(pid):
    return dict(line.split(":\t", 1) for line in read(pid, "status").splitlines() if ":\t" in line)


class Box:
    """The program's and its pid 1's numbers on the host."""

    def __init__(self, stack, **fields):
        self.stack = stack
        self.name = next(_names)
        self.connection = stack.begin(SLEEPER % self.name, timeout=30, **fields)
        self.program = wait_until(self.find, what="a box whose program sleeps")
        self.init = process_table()[self.program][0]

    def find(self):
        table = process_table()
        return next((pid for pid in self.stack.box_pids() if pid in table and table[pid][1:] == ("S", self.name)), None)

    def close(self):
        self.connection.close()
        wait_until(lambda: not os.path.exists("/proc/%d" % self.program), 10, what="the cancelled program's end")


@pytest.fixture
def boxes(production):
    production.live = []

    def make(**fields):
        production.live.append(Box(production, **fields))
        return production.live[-1]

    yield make
    for box in production.live:
        box.close()
    production.live = []


@pytest.fixture
def box(boxes):
    return boxes()


def test_namespaces(box):
    for name in NAMESPACES:
        host = os.readlink("/proc/self/ns/" + name)
        assert os.readlink("/proc/%d/ns/%s" % (box.program, name)) != host, name
        assert os.readlink("/proc/%d/ns/%s" % (box.init, name)) != host, name


def test_namespaces_are_not_shared(boxes):
    one, two = boxes(), boxes()
    for name in NAMESPACES:
        assert (os.readlink("/proc/%d/ns/%s" % (one.program, name))
                != os.readlink("/proc/%d/ns/%s" % (two.program, name))), name


def namespace(pid, name):
    return os.readlink("/proc/%d/ns/%s" % (pid, name))


def keeper_of(box):
    """The process that keeps the namespaces which a box has from its cell."""
    mine, network = [], namespace(box.program, "net")
    for pid, (_, _, name) in process_table().items():
        with contextlib.suppress(OSError):  # another stack's, which has ended meanwhile
            if name == "sandgate-cell" and namespace(pid, "net") == network:
                mine.append(pid)
    assert len(mine) == 1, mine
    return mine[0]


def test_what_a_box_has_from_its_cell(box, production):
    keeper = keeper_of(box)
    same = [name for name in NAMESPACES if namespace(keeper, name) == namespace(box.program, name)]
    assert same == ["user", "net", "uts"], same
    assert process_table()[keeper][0] == production.executor_child()
    assert "/box-" in read(box.program, "cgroup") and "/box-" not in read(keeper, "cgroup")
    held = {fd: os.readlink("/proc/%d/fd/%s" % (keeper, fd)).partition(":")[0] for fd in os.listdir("/proc/%d/fd" % keeper)}
    assert sorted(held.values()) == ["/"] + ["/dev/null"] * 3 + ["socket"], held
    directory = next(fd for fd, what in held.items() if what == "/")  # the executor's /proc, mounted nowhere any more
    assert str(keeper) in os.listdir("/proc/%d/fd/%s" % (keeper, directory))


@pytest.mark.parametrize("fields", [{}, {"args": ["x"]}], ids=["plain", "executed"])
def test_nothing_follows_a_program_that_was_executed(boxes, production, fields):
    """Its cell ends with it. A clone's stays."""
    box = boxes(**fields)
    keeper, keeps = keeper_of(box), production.warm and not fields
    production.live.remove(box)
    box.close()
    if not keeps:
        wait_until(lambda: not os.path.exists("/proc/%d" % keeper), what="the end of the cell")
        return
    time.sleep(0.5)
    assert process_table()[keeper][2] == "sandgate-cell"


def test_the_network_namespace_is_empty(box, production):
    own = os.readlink("/proc/%d/ns/net" % box.program)
    assert own not in (os.readlink("/proc/self/ns/net"), os.readlink("/proc/%d/ns/net" % production.executor_child()))
    devices = [line.split(":")[0].strip() for line in read(box.program, "net/dev").splitlines()[2:]]
    assert devices == ["lo"], devices
    for name in ("tcp", "udp", "raw", "packet", "unix", "route"):
        assert len(read(box.program, "net/" + name).splitlines()) <= 1, name


def test_privilege(box):
    for pid in (box.program, box.init):
        state = status(pid)
        for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            assert int(state[name], 16) == 0, (pid, name, state[name])
        assert state["NoNewPrivs"].strip() == "1", pid
    state = status(box.program)
    assert int(state["CapBnd"], 16) == 0
    assert state["Seccomp"].strip() == "2"
    assert state["Seccomp_filters"].strip() == "2"
    assert state["Groups"].split() == [] or state["Groups"].split() == state["Gid"].split()[:1], state["Groups"]


def test_ids(box, production):
    uids, gids = status(box.program)["Uid"].split(), status(box.program)["Gid"].split()
    init = status(box.init)["Uid"].split()
    assert len(set(uids)) == len(set(gids)) == len(set(init)) == 1
    maps = [line.split() for line in read(box.program, "uid_map").splitlines()]
    assert {m[2] for m in maps} == {"1"}, maps
    assert uids[0] != "0"
    if production.executor == "root":
        low, high = production.uid_ranges()[0]
        assert low <= int(uids[0]) < high and low <= int(init[0]) < high
        assert uids != init
        assert {m[0] for m in maps} == {"0", "1000"}
    else:
        assert uids[0] == init[0] == str(production.executor_uid())
        assert [m[0] for m in maps] == ["1000"]
    assert read(box.program, "setgroups").strip() == "deny"


def test_no_two_boxes_share_an_id(boxes, production):
    if production.executor != "root":
        return  # one id is all that a rootless executor without a range has; isolation.uid says so
    one, two = boxes(), boxes()
    ids = [status(pid)["Uid"].split()[0] for box in (one, two) for pid in (box.program, box.init)]
    assert len(set(ids)) == 4, ids


def mounts(pid):
    """{place: (options, type, super options)}"""
    found = {}
    for line in read(pid, "mountinfo").splitlines():
        left, right = line.split(" - ", 1)
        place, options = left.split()[4:6]
        kind, _, extra = right.split(" ", 2)
        found[place] = (set(options.split(",")), kind, set(extra.split(",")))
    return found


def test_mounts(box):
    found = mounts(box.program)
    writable = {place for place, (options, _, _) in found.items() if "rw" in options}
    devices = {"/dev/" + name for name in ("null", "zero", "full", "random", "urandom")}
    assert writable <= {"/tmp", "/work", "/dev/shm"} | devices, writable
    assert {"/tmp", "/work", "/dev/shm"} <= writable
    assert "ro" in found["/"][0] and found["/"][1] == "tmpfs"
    for place, (options, kind, extra) in found.items():
        assert "nosuid" in options, (place, options)
        if place not in devices:
            assert "nodev" in options or place == "/dev", (place, options)
        if "rw" in options and place not in devices:
            assert "noexec" in options and kind == "tmpfs", (place, options)
            assert any(o.startswith("size=") for o in extra) and any(o.startswith("nr_inodes=") for o in extra), place
    assert {"ro", "noexec"} <= found["/proc"][0]
    assert {"subset=pid", "hidepid=invisible"} <= found["/proc"][2]
    etc = {place for place in found if place.startswith("/etc")}
    allowed = {"/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32", "/", "/proc", "/dev", "/dev/shm", "/tmp",
               "/work"}
    assert set(found) - etc - devices <= allowed, set(found) - etc - devices
    assert etc <= {"/etc/" + n for n in ("alternatives", "ld.so.cache", "fonts", "matplotlibrc", "mime.types")}


def test_root_seen_from_outside(box):
    root = "/proc/%d/root" % box.program
    assert set(os.listdir(root)) <= {"bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "dev", "proc",
                                     "tmp", "work"}
    assert set(os.listdir(root + "/dev")) == {"null", "zero", "full", "random", "urandom", "fd", "stdin", "stdout",
                                              "stderr", "shm"}
    with open(root + "/etc/passwd") as f:
        assert [line.split(":")[0] for line in f] == ["root", "sandbox"]


def test_limits(box):
    limits = {}
    for line in read(box.program, "limits").splitlines()[1:]:
        m = re.match(r"(Max .+?)\s{2,}(\S+)\s+(\S+)", line)
        limits[m.group(1)] = (m.group(2), m.group(3))
    assert limits["Max core file size"] == ("1", "1")
    assert limits["Max locked memory"] == ("0", "0")
    assert limits["Max msgqueue size"] == ("0", "0")
    assert limits["Max nice priority"] == limits["Max realtime priority"] == ("0", "0")
    for name, most in (("Max open files", 1024), ("Max pending signals", 1024), ("Max stack size", 8 << 20),
                       ("Max processes", 200), ("Max cpu time", 1000), ("Max file size", 4 << 30)):
        soft, hard = limits[name]
        assert "unlimited" not in (soft, hard) and int(soft) <= int(hard) <= most, (name, soft, hard)


def test_descriptors(box):
    names = {int(n): os.readlink("/proc/%d/fd/%s" % (box.program, n)) for n in os.listdir("/proc/%d/fd" % box.program)}
    assert set(names) == {0, 1, 2}, names
    assert not names[0].startswith("socket:") and not names[0].startswith("/dev/")
    assert names[1].startswith("pipe:") and names[2].startswith("pipe:") and names[1] != names[2]


def test_descriptors_of_pid_1(box):
    """Neither streams of the program, nor its code, nor anything of the host's files."""
    names = [os.readlink("/proc/%d/fd/%s" % (box.init, n)) for n in os.listdir("/proc/%d/fd" % box.init)]
    assert not [n for n in names if n.startswith("/") and not n.startswith(("/dev/null", "/memfd:", "/proc"))], names
    assert not [n for n in names if n.startswith("pipe:")], names
    assert len(names) <= 8, names


delegated = pytest.mark.skipif(not ROOT, reason="nobody has delegated cgroups to this ordinary user")


@delegated
def test_cgroups(box, production):
    paths = {line.split(":", 2)[2] for line in read(box.program, "cgroup").splitlines()
             if set(line.split(":")[1].split(",")) & {"memory", "pids", "cpu"}
             or (line.startswith("0::") and production.name in line)}
    assert paths and all(production.name in p for p in paths), paths
    assert len({os.path.basename(p) for p in paths}) == 1, "a box has one name in every hierarchy: %s" % paths


@delegated
def test_cgroup_values(box, production):
    directories = []
    for directory in production.cgroup_dirs():
        with contextlib.suppress(OSError):  # another box's, which has gone meanwhile
            with open(directory + "/cgroup.procs") as f:
                directories += [directory] if str(box.program) in f.read().split() else []
    values = {}
    for directory in directories:
        for name in ("memory.limit_in_bytes", "memory.max", "pids.max", "cpu.cfs_quota_us", "cpu.max"):
            if os.path.exists(directory + "/" + name):
                values[name] = open(directory + "/" + name).read().strip()
    assert values.get("memory.limit_in_bytes", values.get("memory.max")) == str(512 << 20), values
    assert 100 <= int(values["pids.max"]) <= 102, values
    assert values.get("cpu.cfs_quota_us") == "50000" or values.get("cpu.max") == "50000 100000", values


def test_pid_1(box):
    """Small, of ours, and unreachable: it holds nothing that foreign code could want."""
    assert process_table()[box.init][2].startswith("sandgate-box")
    state = status(box.program)
    assert state["NSpid"].split()[-1] != "1"
    assert status(box.init)["NSpid"].split()[-1] == "1"
    assert read(box.init, "environ") == ""
    assert int(state["Threads"]) == 1


def test_environment_of_the_program(box):
    names = {entry.split("=")[0] for entry in read(box.program, "environ").split("\0") if entry}
    assert not {n for n in names if n.startswith(("SG_", "SANDGATE", "SSH", "AWS"))}, names
    assert {"HOME", "TMPDIR", "PATH"} <= names


def test_answer_states_what_is_in_force(production):
    doc = production.run("print(open('/proc/self/status').read())")
    seen = dict(line.split(":\t", 1) for line in doc["stdout"].splitlines() if ":\t" in line)
    isolation = doc["isolation"]
    assert isolation["no_new_privs"] is True and seen["NoNewPrivs"] == "1"
    assert isolation["capabilities"] == [] and int(seen["CapEff"], 16) == 0
    assert isolation["seccomp"] == "python" and seen["Seccomp"] == "2"
    assert isolation["rootfs"] == "ro" and isolation["network"] == "none"
    assert len(isolation["namespaces"]) == 7, isolation
    assert set(isolation["cgroup"]) == ({"memory", "pids", "cpu"} if ROOT else set())
    private = production.executor == "root"
    assert (isolation["uid"] == "private") == private, isolation
    assert (isolation["missing"] == []) == private, isolation


def test_time_to_cancel(box):
    """The client leaves: long before the program's own end nothing of the box is alive."""
    box.connection.close()
    wait_until(lambda: not os.path.exists("/proc/%d" % box.program) and not os.path.exists("/proc/%d" % box.init), 10,
               what="the end of the box")
