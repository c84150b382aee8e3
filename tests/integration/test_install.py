"""What `make install` puts where, and how the programs are hardened."""

import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile

import pytest

from stack import BUILD, ROOT, SOURCE

PROGRAMS = {"bin/sandgate": "sandgate", "sbin/sandgate-fcgi": "sandgate-fcgi", "sbin/sandgate-native": "sandgate-native",
            "libexec/sandgate/sandgate-box": "sandgate-box"}
FOR_PACKAGES = {"libexec/sandgate/sandgate-subids", "lib/sysusers.d/sandgate.conf", "lib/tmpfiles.d/sandgate.conf",
                *["lib/systemd/system/sandgate%s" % name for name in (
                    "-fcgi.socket", "-fcgi@.service", "-native.service", "-status.socket", "-status@.service", ".slice", ".target")]}
if os.path.exists(os.path.join(BUILD, "sandgate-docker")):
    PROGRAMS.update({"sbin/sandgate-docker": "sandgate-docker", "libexec/sandgate/sandgate-boot": "sandgate-boot"})
    FOR_PACKAGES |= {"lib/systemd/system/sandgate-docker.service", "lib/sysusers.d/sandgate-docker.conf"}
LIBRARY = "sandgate-template.so"  # lives in interpreters; not in builds with sanitizers
RUNTIMES = ["bash", "c", "cpp", "lua", "node", "perl", "python", "ruby"]
PROFILES = ["compiler", "generic", "node", "python", "shell"]
CONFIGURATION = ["sandgate.conf", *["runtimes.d/%s.conf" % name for name in RUNTIMES],
                 *["profiles/%s.json" % name for name in PROFILES], "rules/python.scm",
                 "rules/javascript.scm", "policies.d/strict.conf", "policies.d/balanced.conf", "policies.d/report.conf",
                 "nginx/nginx.conf",
                 "nginx/sandgate.conf", "nginx/sandgate-cgi.conf", "nginx/sandgate-fastcgi.conf",
                 "nginx/sandgate-playground.conf", "nginx/sandgate-problems.conf", "nginx/sandgate-server.conf", "nginx/sandgate-tls.conf", "nginx/sandgate-upstream.conf",
                 *["nginx/examples/" + name for name in os.listdir(os.path.join(SOURCE, "nginx-conf", "examples"))]]
SANITIZED = "-fsanitize" in open(os.path.join(BUILD, "Makefile")).read() if os.path.exists(BUILD + "/Makefile") else False


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    top = tmp_path_factory.mktemp("install")
    subprocess.run(["make", "-s", "-C", BUILD, "install", "DESTDIR=%s" % top], check=True, capture_output=True)
    yield str(top) + setting("prefix")
    shutil.rmtree(top, ignore_errors=True)


def test_everything_is_there_and_nothing_else(installed):
    files = set()
    for top, _, names in os.walk(installed):
        files |= {os.path.relpath(os.path.join(top, n), installed) for n in names}
    files = {f for f in files if not f.startswith("share/")}
    assert files == set(PROGRAMS) | FOR_PACKAGES | ({"libexec/sandgate/" + LIBRARY} if not SANITIZED else set()) | {"etc/sandgate/" + f for f in CONFIGURATION}


def setting(name):
    with open(os.path.join(BUILD, "config.status")) as f:
        return re.search(r'S\["%s"\]="(.*)"' % name, f.read()).group(1)


def test_what_nginx_is_told_to_read_is_there(installed):
    """With the directories of this build, which are not those of packages."""
    prefix = setting("prefix")
    files = list(pathlib.Path(installed, "etc", "sandgate", "nginx").rglob("*.conf"))
    assert len(files) > 15
    included = {(str(path), name) for path in files for name in re.findall(r"(?m)^\s*include (\S*sandgate\S*\.conf);", path.read_text())}
    assert len(included) > 15
    programs = {name for path in files for name in re.findall(r"SCRIPT_FILENAME (\S+);", path.read_text())}
    assert programs == {setting("prefix") + "/sbin/sandgate-fcgi"}
    for path, name in included:
        assert name.startswith(prefix + "/") and os.path.exists(installed + name[len(prefix):]), (path, name)


def test_the_playground_is_where_nginx_looks_for_it(installed):
    with open(os.path.join(installed, "etc", "sandgate", "nginx", "sandgate-playground.conf")) as f:
        (place,) = re.findall(r"alias %s/(\S+)/;" % setting("prefix"), f.read())
    source = os.path.join(SOURCE, "nginx-conf", "playground")
    assert sorted(os.listdir(os.path.join(installed, place))) == sorted(os.listdir(source))
    for name in os.listdir(source):
        with open(os.path.join(source, name), "rb") as ours, open(os.path.join(installed, place, name), "rb") as theirs:
            assert ours.read() == theirs.read(), name


def test_installing_again_changes_nothing_and_nobody_elses_files(tmp_path):
    def install():
        subprocess.run(["make", "-s", "-C", BUILD, "install", "DESTDIR=%s" % tmp_path], check=True, capture_output=True)
        return {str(path): path.read_text() for path in (tmp_path / setting("prefix")[1:] / "etc" / "sandgate" / "nginx").rglob("*.conf")}
    first = install()
    own = tmp_path / setting("prefix")[1:] / "etc" / "sandgate" / "nginx" / "own.conf"
    own.write_text("include /etc/sandgate/nginx/own;\n")
    assert install() == {**first, str(own): "include /etc/sandgate/nginx/own;\n"}


# What others have; first id that is given. Podman and Incus tell their users to write ranges that reach beyond where useradd's end.
RANGES = [("", "", 100000), ("alice:100000:65536\n", "", 165536), ("alice:100000:65536\n", "bob:200000:65536\n", 265536),
          ("containers:2147483647:2147483648\nalice:100000:65536\n", "", 165536), ("root:1000000:1000000000\n", "root:1000000:1000000000\n", 100000)]


@pytest.mark.skipif(not ROOT, reason="only root gives ranges")
@pytest.mark.parametrize("uids, gids, first", RANGES)
def test_range_of_ids(tmp_path, uids, gids, first):
    """In an /etc of the test's own: what nobody has, once."""
    for name in ("passwd", "group", "shadow", "gshadow", "login.defs", "nsswitch.conf"):
        shutil.copy2(os.path.join("/etc", name), tmp_path)
    shutil.copytree("/etc/alternatives", tmp_path / "alternatives", symlinks=True)
    (tmp_path / "subuid").write_text(uids)
    (tmp_path / "subgid").write_text(gids)
    script = os.path.join(SOURCE, "packaging", "sandgate-subids")
    for _ in range(2):
        subprocess.run(["unshare", "--mount", "sh", "-c", 'mount --bind "$1" /etc && sh "$2" add games', "-", tmp_path, script], check=True)
        assert (tmp_path / "subuid").read_text() == uids + "games:%d:65536\n" % first
        assert (tmp_path / "subgid").read_text() == gids + "games:%d:65536\n" % first


@pytest.mark.skipif("sbin/sandgate-docker" not in PROGRAMS, reason="built without sandgate-docker")
def test_images_can_be_built_of_what_is_there(installed):
    for name in ("Dockerfile", "gcc/Dockerfile"):
        assert os.path.exists(os.path.join(installed, "share", "sandgate", "docker", name))


def test_manual_pages_and_completion(installed):
    pages = {"man%s/%s" % (name[-1], name) for name in os.listdir(os.path.join(SOURCE, "docs", "man"))}
    there = {os.path.relpath(os.path.join(top, n), os.path.join(installed, "share", "man"))
             for top, _, names in os.walk(os.path.join(installed, "share", "man")) for n in names}
    assert there == pages
    assert os.path.exists(os.path.join(installed, "share", "bash-completion", "completions", "sandgate"))


def test_modes(installed):
    for top, dirs, names in os.walk(installed):
        for name in dirs + names:
            mode = os.lstat(os.path.join(top, name)).st_mode
            assert not mode & (stat.S_IWOTH | stat.S_ISUID | stat.S_ISGID), name
    for program in PROGRAMS:
        assert os.access(os.path.join(installed, program), os.X_OK)


def test_the_lab_is_not_installed_and_not_in_the_programs(installed):
    for program in PROGRAMS:
        with open(os.path.join(installed, program), "rb") as f:
            assert b"SG_LAB_CONTROL" not in f.read(), program


@pytest.mark.parametrize("program", sorted(PROGRAMS.values()) + [LIBRARY])
def test_hardening(program):
    """Position-independent, relocations read-only before main, no executable stack, no library path of the build."""
    if SANITIZED:
        pytest.skip("a build with sanitizers is not for use")
    out = subprocess.run(["readelf", "-W", "-h", "-l", "-d", os.path.join(BUILD, program)], text=True,
                         capture_output=True, check=True).stdout
    assert re.search(r"Type:\s+DYN", out) and "GNU_RELRO" in out
    assert re.search(r"FLAGS_1.*\bNOW\b", out) or "BIND_NOW" in out
    assert program == LIBRARY or re.search(r"FLAGS_1.*\bPIE\b", out)
    assert re.search(r"GNU_STACK\s.*\sRW\s", out)
    assert not re.search(r"\((RPATH|RUNPATH)\)", out)


def test_version_and_help_of_each_program():
    for program in PROGRAMS.values():
        if program in ("sandgate-box", "sandgate-boot"):  # started by the executor only
            continue
        out = subprocess.run([os.path.join(BUILD, program), "--help"], text=True, capture_output=True)
        assert out.returncode == 0 and "sandgate" in out.stdout, (program, out)


@pytest.fixture
def short_path():
    """pytest's own are too long for unix sockets."""
    path = tempfile.mkdtemp(prefix="sgi-")
    yield pathlib.Path(path)
    shutil.rmtree(path)


def test_shipped_nginx_files_are_accepted_as_they_are(short_path):
    """nginx -t, with the directories replaced and nothing else; both examples."""
    for which in ("sandgate.conf", "sandgate-cgi.conf"):
        place = short_path / which
        (place / "run").mkdir(parents=True)
        for name in os.listdir(os.path.join(SOURCE, "nginx-conf")):
            if name.endswith(".conf"):
                with open(os.path.join(SOURCE, "nginx-conf", name)) as f:
                    text = f.read()
                text = text.replace("/etc/sandgate/nginx", str(place)).replace("/run/sandgate", str(place / "run"))
                if name == "nginx.conf":
                    text = text.replace("/sandgate.conf;", "/%s;" % which)
                (place / name).write_text(text)
        done = subprocess.run(["/usr/sbin/nginx", "-t", "-p", str(place), "-e", str(place / "error.log"), "-c",
                               str(place / "nginx.conf")], text=True, capture_output=True)
        assert done.returncode == 0, done.stderr
        assert "warn" not in done.stderr or not ROOT, done.stderr
