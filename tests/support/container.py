"""A Debian with systemd in a systemd-nspawn container, and the packages of this tree. Root only.

    with Container(root_tree()) as c:           # loopback is its only network
        c.run("dpkg", "-i", "/share/sandgate_0.1.0-1_amd64.deb")
        c.sh("systemctl is-active nginx")

The root file system is made once (mmdebstrap, a minute) and the packages once for each state of the sources (`make deb`,
a minute); both are kept beside the build trees. What is changed in a container is gone with it.

    container.py DIRECTORY      # puts the package sandgate there, and the previous build's: for tests/vm/run
"""

import contextlib
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from procfs import cgroup_mounts
from stack import BUILD, SOURCE, wait_until

CACHE = os.path.join(os.path.dirname(BUILD), "packages")
PACKAGES = ("systemd", "systemd-sysv", "dbus", "procps", "nginx-light", "uidmap", "python3", "python3-numpy", "curl", "openssl",
            "libconfuse2", "libfcgi0ldbl", "libjansson4", "libseccomp2", "libutf8proc2", "spawn-fcgi", "multiwatch", "fcgiwrap")
TOOLS = ("mmdebstrap", "systemd-nspawn", "dpkg-buildpackage", "dh")
MOST_S = 120
PREVIOUS = "0.0.9-1"
# What of the previous build speaks another version of the messages (core/ipc/message.h).
SPEAKERS = ("usr/sbin/sandgate-native", "usr/sbin/sandgate-fcgi", "usr/bin/sandgate")


def missing_tools():
    return [tool for tool in TOOLS if not shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin")]


def command(*words, timeout=900, **kw):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=timeout, **kw)
    assert done.returncode == 0, "%s: status %d: %s" % (" ".join(words), done.returncode, done.stdout[-4000:])
    return done.stdout


def once(name, key, make):
    """CACHE/name, made by make(directory) unless it is there with that key."""
    place, mark = os.path.join(CACHE, name), os.path.join(CACHE, name + ".key")
    with contextlib.suppress(OSError), open(mark) as f:
        if f.read() == key:
            return place
    os.makedirs(CACHE, exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    os.mkdir(place)
    make(place)
    with open(mark, "w") as f:
        f.write(key)
    return place


def root_tree(name="root", more=()):
    """The directory of the container's system, with some packages more."""
    packages = [*PACKAGES, *more]

    def make(place):
        sources = [path for path in glob.glob("/etc/apt/sources.list") + glob.glob("/etc/apt/sources.list.d/*")
                   if path.endswith((".list", ".sources")) and "bookworm" in open(path).read()]
        tar = place + ".tar"
        # It mounts /proc and others: in a namespace of its own, as tests beside it count the host's mounts.
        command("unshare", "--mount", "mmdebstrap", "--quiet", "--variant=minbase", "--include=" + ",".join(packages),
                "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*", "bookworm", tar, *sources)
        command("tar", "-C", place, "--exclude=./dev/*", "-xf", tar)
        os.unlink(tar)
    return once(name, " ".join(packages), make)


def state_of_sources():
    digest = hashlib.sha256()
    for top in ("configure.ac", "Makefile.am", "m4", "core", "fcgi", "nginx-conf", "packaging", "docs", "README.md"):
        for path in [os.path.join(SOURCE, top)] + sorted(glob.glob(os.path.join(SOURCE, top, "**"), recursive=True)):
            if os.path.isfile(path):
                digest.update(os.path.relpath(path, SOURCE).encode() + b"\0")
                with open(path, "rb") as f:
                    digest.update(f.read())
    return digest.hexdigest()


def make_speakers(tree, place):
    """The programs of a tree that `make deb` has built, with the version of the messages before this one."""
    header = os.path.join(tree, "core", "ipc", "message.h")
    with open(header) as f:
        text, n = re.subn(r"(?m)^(#define SG_MSG_VERSION) (\d+)$", lambda m: "%s %d" % (m[1], int(m[2]) - 1), f.read())
    assert n == 1, header
    with open(header, "w") as f:
        f.write(text)
    build = os.path.join(tree, "_build")
    for path in glob.glob(os.path.join(tree, "core", "**", "*.c"), recursive=True) + glob.glob(os.path.join(tree, "fcgi", "*.c")):
        with open(path) as f:
            if "SG_MSG_VERSION" in f.read():  # debhelper has switched automake's dependencies off
                folder, name = os.path.split(os.path.relpath(path, tree))
                for stale in glob.glob(os.path.join(build, folder, "*%s.o" % name[:-2])):
                    os.unlink(stale)
    command("make", "-s", "-C", build, "-j%d" % (os.cpu_count() or 1), *map(os.path.basename, SPEAKERS))
    for path in SPEAKERS:
        os.makedirs(os.path.join(place, os.path.dirname(path)), exist_ok=True)
        command("strip", "-o", os.path.join(place, path), os.path.join(build, os.path.basename(path)))


def debs():
    """The directory with the packages, of which packages_in says {name: file}; in `previous`, what previous_build puts into one."""
    def make(place):
        env = {**os.environ, "DEB_BUILD_OPTIONS": "nocheck parallel=%d" % (os.cpu_count() or 1)}
        command("make", "-s", "-C", BUILD, "deb", env=env)
        for path in glob.glob(os.path.join(BUILD, "debian-build", "*.*")):
            if os.path.isfile(path):
                shutil.copy(path, place)
        (tree,) = glob.glob(os.path.join(BUILD, "debian-build", "sandgate-*", ""))
        make_speakers(tree, os.path.join(place, "previous"))
        shutil.rmtree(os.path.join(BUILD, "debian-build"))
    return once("debs", state_of_sources() + " with the previous build's programs", make)


def packages_in(place):
    return {os.path.basename(path).split("_")[0]: path for path in glob.glob(place + "/*.deb")}


def previous_build(place):
    """The package sandgate as an earlier build would have made it: an older version, whose programs speak older messages."""
    deb = packages_in(debs())["sandgate"]
    tree = tempfile.mkdtemp(dir=place)
    command("dpkg-deb", "--raw-extract", deb, tree)
    shutil.copytree(os.path.join(debs(), "previous"), tree, dirs_exist_ok=True)
    control = os.path.join(tree, "DEBIAN", "control")
    with open(control) as f:
        text = f.read()
    with open(control, "w") as f:
        f.writelines("Version: %s\n" % PREVIOUS if line.startswith("Version:") else line for line in text.splitlines(True))
    command("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, place)
    shutil.rmtree(tree)
    return os.path.join(place, "sandgate_%s_%s" % (PREVIOUS, os.path.basename(deb).split("_")[2]))


class Container:
    def __init__(self, root, binds=()):
        """binds: "HERE:THERE" for each file or directory of ours that shall be in it, too."""
        self.root, self.name, self.binds = root, "sandgate-test-%d" % os.getpid(), binds
        self.share = tempfile.mkdtemp(prefix="sgc-")
        self.process = self.leader = None
        self.cgroups = []

    def __enter__(self):
        os.chmod(self.share, 0o755)
        self.make_cgroups()
        # It leaves cgroups beside its own, so it gets some of ours, which are removed with everything below.
        script = 'for d in %s; do echo 0 >"$d/cgroup.procs" || exit 1; done; exec "$@"' % " ".join(self.cgroups)
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", script, "sh", "systemd-nspawn", "--quiet", "--directory=" + self.root, "--volatile=overlay",
             "--boot", "--register=no", "--keep-unit", "--private-network", "--machine=" + self.name, "--console=pipe",
             "--bind-ro=%s:/share" % self.share, *("--bind=" + bind for bind in self.binds)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            self.leader = wait_until(self.find_leader, 60, what="the container's first process")
            wait_until(lambda: self.sh("systemctl is-system-running", check=False).strip() in ("running", "degraded"), MOST_S,
                       every=0.2, what="systemd in the container")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.leader and self.process.poll() is None:
            with contextlib.suppress(Exception):
                self.sh("systemctl poweroff --no-block", check=False)
                self.process.wait(60)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for top in self.cgroups:
            self.remove_cgroup(top)
        shutil.rmtree(self.share)

    def make_cgroups(self):
        for names, mount, own in cgroup_mounts():
            if names in ("", "name=systemd"):
                self.cgroups.append(os.path.join(mount, own.lstrip("/"), self.name))
                os.mkdir(self.cgroups[-1])

    @staticmethod
    def remove_cgroup(top):
        """Its processes are gone or go just now."""
        end = time.monotonic() + 20
        while os.path.exists(top) and time.monotonic() < end:
            for path, _, _ in os.walk(top, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(path)
            time.sleep(0.05)

    def find_leader(self):
        assert self.process.poll() is None, "systemd-nspawn ended with status %d" % self.process.returncode
        with contextlib.suppress(OSError, ValueError), open("/proc/%d/task/%d/children" % ((self.process.pid,) * 2)) as f:
            for pid in f.read().split():
                with open("/proc/%s/comm" % pid) as comm:
                    if comm.read().strip() == "systemd":
                        return int(pid)
        return None

    def words(self, *words):
        return ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "env", "-i", "HOME=/root",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", *words]

    def run(self, *words, check=True, timeout=MOST_S):
        """Output of a command in the container, both streams."""
        done = subprocess.run(self.words(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=timeout, cwd="/")
        assert not check or done.returncode == 0, "%s: status %d: %s" % (" ".join(words), done.returncode, done.stdout[-6000:])
        return done.stdout

    def sh(self, script, check=True, timeout=MOST_S):
        return self.run("/bin/sh", "-euc", script, check=check, timeout=timeout)

    def start(self, script):
        return subprocess.Popen(self.words("/bin/sh", "-euc", script), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, cwd="/")


def main(place):
    shutil.copy(packages_in(debs())["sandgate"], place)
    previous_build(place)


if __name__ == "__main__":
    main(sys.argv[1])
