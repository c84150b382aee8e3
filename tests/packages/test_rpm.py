"""The RPM packages: built, looked at by rpmlint, and installed into a root of their own, a Debian without its package manager's
knowledge of them: what they bring, what their scriptlets do, what is left when they go.

The packages are built once for each state of the sources (a minute)."""

import contextlib
import glob
import os
import re
import shutil
import subprocess
import tempfile

import pytest

from container import command, debs, missing_tools, once, packages_in, root_tree, state_of_sources
from stack import BUILD, SOURCE

pytestmark = [pytest.mark.needs_root, pytest.mark.xdist_group("packages")]
SPEC = os.path.join(SOURCE, "packaging", "rpm", "sandgate.spec")
NAMES = ["sandgate", "sandgate-doc", "sandgate-docker", "sandgate-runtimes-python"]
# Places that the two distributions see differently, and what each has by itself.
PLACES = [(r"^/lib/systemd/", "/usr/lib/systemd/"), (r"^/usr/share/(doc|licenses|lintian)/.*|^/usr/lib/\.build-id.*", ""), (r"(/man\d/.*)\.gz$", r"\1")]


def missing():
    return missing_tools() + [tool for tool in ("rpmbuild", "rpm", "rpmlint") if not shutil.which(tool)]


def rpms():
    def make(place):
        command("make", "-s", "-C", BUILD, "rpm", "RPM_BUILD_FLAGS=--without check")
        for path in glob.glob(os.path.join(BUILD, "rpm-build", "*RPMS", "**", "*.rpm"), recursive=True):
            shutil.copy(path, place)
        shutil.rmtree(os.path.join(BUILD, "rpm-build"))
    return once("rpms", state_of_sources(), make)


@pytest.fixture(scope="module")
def built():
    if missing():
        pytest.skip("no " + ", ".join(missing()))
    packages = {re.sub(r"-[^-]*-[^-]*$", "", os.path.basename(path)): path for path in glob.glob(rpms() + "/*.rpm")
                if not path.endswith(".src.rpm")}
    assert sorted(packages) == NAMES
    return packages


class Root:
    """The container's system with rpm's own database, as a layer that is thrown away.

    It is mounted in a namespace of its own, which a waiting process holds: other tests count the host's mounts meanwhile."""

    def __init__(self):
        self.top = tempfile.mkdtemp(prefix="sgr-")
        os.chmod(self.top, 0o755)
        for name in ("upper", "work", "root"):
            os.mkdir(os.path.join(self.top, name))

    def __enter__(self):
        options = "lowerdir=%s,upperdir=%s/upper,workdir=%s/work" % (root_tree(), self.top, self.top)
        self.holder = subprocess.Popen(["unshare", "--mount", "/bin/sh", "-euc", 'mount -t overlay overlay -o "$1" "$2"; echo; exec cat',
                                        "sh", options, self.top + "/root"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.holder.stdout.readline() == b"\n"
        self.path = "/proc/%d/root%s/root" % (self.holder.pid, self.top)
        self.before = self.files()
        return self

    def __exit__(self, *_):
        self.holder.communicate()
        shutil.rmtree(self.top)

    def rpm(self, *words):
        return command("nsenter", "-t", str(self.holder.pid), "-m", "rpm", "--root", self.top + "/root", *words)

    def run(self, *words):
        return command("chroot", self.path, "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *words)

    def read(self, path):
        with contextlib.suppress(FileNotFoundError), open(self.path + path) as f:
            return f.read()
        return ""

    def files(self):
        found = command("find", self.path, "-xdev", "-not", "-type", "d", "-printf", "/%P\n").splitlines()
        return {path for path in found if not re.match(r"/(var/lib/rpm|root/.rpmdb|dev|run|tmp)/|/etc/(passwd|group|shadow|gshadow|sub.id)-?$|"
                                                       r"/etc/\.pwd\.lock$", path)}


@pytest.fixture
def root(built):
    with Root() as one:
        yield one


def test_rpmlint(built):
    done = subprocess.run(["rpmlint", "--config", os.path.join(SOURCE, "packaging", "rpm", "rpmlint.toml"), *built.values(), SPEC,
                           *glob.glob(rpms() + "/*.src.rpm")], capture_output=True, text=True, timeout=120)
    assert re.search(r"\b0 errors, 0 warnings\b", done.stdout) and done.returncode == 0, done.stdout


def listed(*words):
    found = set()
    for path in command(*words).splitlines():
        for pattern, by in PLACES:
            path = re.sub(pattern, by, path)
        found.add(path)
    return found - {"", "(contains no files)"}


@pytest.mark.parametrize("name", ["sandgate", "sandgate-docker"])
def test_both_distributions_get_the_same(built, name):
    paths = command("sh", "-c", "dpkg-deb --fsys-tarfile %s | tar -t | grep -v '/$' | sed 's/^[.]//'" % packages_in(debs())[name])
    deb = tempfile.NamedTemporaryFile("w+")
    with deb:
        deb.write(paths)
        deb.flush()
        wanted = listed("cat", deb.name)
    directories = {path for path in wanted if any(other.startswith(path + "/") for other in wanted)}
    has = {path for path in listed("rpm", "-qlp", "--nosignature", built[name])}
    of_rpm = {path for path in has if not any(other.startswith(path + "/") for other in has)}
    assert of_rpm == wanted - directories


def test_what_is_said_of_them(built):
    def query(name, what):
        return command("rpm", "-qp", "--nosignature", "--qf", what, built[name])
    assert query("sandgate", "%{VERSION} %{LICENSE}") == "0.1.0 Apache-2.0 AND MIT AND Unicode-DFS-2016 AND ICU"
    requires = command("rpm", "-qp", "--nosignature", "--requires", built["sandgate"]).split("\n")
    assert {"python3", "shadow-utils"} <= set(requires) and not any("curl" in one for one in requires)
    assert any("libcurl" in one for one in command("rpm", "-qp", "--nosignature", "--requires", built["sandgate-docker"]).split("\n"))
    config = command("rpm", "-qp", "--nosignature", "--configfiles", built["sandgate"]).split()
    assert "/etc/sandgate/sandgate.conf" in config and "/etc/sandgate/runtimes.d/python.conf" in config
    assert set(config) == {path for path in command("rpm", "-qlp", "--nosignature", built["sandgate"]).split()
                           if re.match(r"/etc/.*\.\w+$", path) and not path.endswith(".d")}


def test_installed_used_upgraded_removed(built, root):
    root.rpm("--initdb")
    root.rpm("-i", "--nodeps", "--nosignature", built["sandgate"], built["sandgate-docker"], built["sandgate-doc"])
    assert root.rpm("-V", "--nodeps", "sandgate", "sandgate-docker", "sandgate-doc") == ""
    users = {line.split(":")[0]: line.split(":")[-1] for line in root.read("/etc/passwd").splitlines()}
    assert all(users[name].endswith("nologin") for name in ("sandgate", "sandgate-web", "sandgate-docker"))
    for kind in "ug":
        assert re.fullmatch(r"sandgate:\d+:65536\n", root.read("/etc/sub%sid" % kind))
    assert root.run("sandgate", "--version").startswith("sandgate 0.1.0")
    root.run("sandgate-native", "-c", "/etc/sandgate/sandgate.conf", "--check")
    settings = root.read("/etc/sandgate/sandgate.conf")
    assert '\n    socket = "/run/sandgate/native/native.sock"\n' in settings
    assert "SocketGroup=nginx\n" in root.read("/usr/lib/systemd/system/sandgate-fcgi.socket")

    with open(root.path + "/etc/sandgate/sandgate.conf", "a") as f:
        f.write("# the administrator's\n")
    root.rpm("-U", "--force", "--nodeps", "--nosignature", built["sandgate"])
    assert root.read("/etc/sandgate/sandgate.conf").endswith("# the administrator's\n"), "configuration stays as it is"
    assert len(root.read("/etc/subuid").splitlines()) == 1

    wants = root.path + "/etc/systemd/system/sandgate.target.wants"  # as systemctl enable makes it
    os.makedirs(wants)
    os.symlink("/usr/lib/systemd/system/sandgate-fcgi@.service", wants + "/sandgate-fcgi@41.service")
    root.rpm("-e", "--nodeps", "sandgate-docker", "sandgate-doc", "sandgate")
    left = root.files() - root.before
    assert left == {"/etc/sandgate/sandgate.conf.rpmsave"}, "what the administrator has changed is kept, and nothing else"
    assert root.before - root.files() == set()
