"""./quickstart as a person uses it: twice, from another directory, as an ordinary user, and --serve."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pytest

from stack import ROOT, SOURCE, free_port, wait_until

# They build in one tree: not two of them at once.
pytestmark = pytest.mark.xdist_group("quickstart")
QUICKSTART = os.path.join(SOURCE, "quickstart")


def processes_of(text):
    """Processes with that text in their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                if text.encode() in f.read():
                    found.append(pid)
        except OSError:
            pass
    return found


@pytest.fixture
def place():
    """A TMPDIR of the test's own, that must be empty again at the end, with no process left that uses it."""
    # Not pytest's: its names are too long for unix sockets.
    own = pathlib.Path(tempfile.mkdtemp(prefix="sgq-"))
    own.chmod(0o755)
    tmp = own / "tmp"
    tmp.mkdir()
    tmp.chmod(0o1777)
    yield tmp
    try:
        wait_until(lambda: not processes_of(str(own)), 10, what="no process left: %s" % processes_of(str(own)))
        assert os.listdir(tmp) == []
    finally:
        shutil.rmtree(own, ignore_errors=True)


def environment(tmp, **more):
    return {"PATH": os.environ["PATH"], "TMPDIR": str(tmp), "LANG": "C.UTF-8", "HOME": str(tmp.parent),
            "SANDGATE_BUILD": os.environ.get("SANDGATE_BUILD", ""), **more}


def check_output(done):
    assert done.returncode == 0, done.stdout + done.stderr
    assert "curl -sS http://127.0.0.1:" in done.stdout
    assert '"risk_score": 0' in done.stdout and '"decision": "allowed"' in done.stdout
    text = done.stdout[done.stdout.index("\n{\n"):done.stdout.index("\n}\n") + 3]
    doc = json.loads(text)
    assert (doc["status"], doc["exit_code"], doc["stdout"]) == ("success", 0, "3.0\n")
    return doc


def test_twice_from_another_directory(place):
    for _ in range(2):
        done = subprocess.run([QUICKSTART], cwd="/", env=environment(place), text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=600)
        doc = check_output(done)
        if ROOT:
            assert doc["isolation"]["missing"] in ([], ["landlock"])
        assert os.listdir(place) == []


@pytest.mark.needs_root  # to become somebody else
def test_as_ordinary_user_in_a_fresh_checkout(place):
    """A copy of the tree that belongs to a user without privilege, built from nothing."""
    tree, uid = place.parent / "checkout", 64242
    generated = ["_build", ".git", "__pycache__", "configure", "Makefile.in", "aclocal.m4", "build-aux", "config.h.in",
                 "autom4te.cache"]
    shutil.copytree(SOURCE, tree, symlinks=True, ignore=shutil.ignore_patterns(*generated))
    subprocess.run(["chown", "-R", "%d:%d" % (uid, uid), str(tree)], check=True)
    env = environment(place, HOME="/nonexistent", SANDGATE_BUILD="")
    done = subprocess.run(["setpriv", "--reuid=%d" % uid, "--regid=%d" % uid, "--clear-groups",
                           str(tree / "quickstart")], cwd="/", env=env, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=2700)
    doc = check_output(done)
    assert "!! This user cannot have every layer of a box here" in done.stdout
    assert doc["isolation"]["missing"], "without delegation the answer has to say what is missing"


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_serve_until_signal(place, sig):
    port = free_port()
    # As a terminal would: in a group of its own, with SIGINT not ignored, as it is for what a shell starts with &.
    process = subprocess.Popen([QUICKSTART, "--serve", "--port", str(port)], cwd="/", env=environment(place), text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if "serving on" in line:
                break
        assert any("serving on http://127.0.0.1:%d" % port in line for line in lines), "".join(lines)
        for n in range(2):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("POST", "/v1/execute", json.dumps(
                {"language": "python", "validate": False, "code": "print(%d)" % n}), {"Content-Type": "application/json"})
            assert json.loads(connection.getresponse().read())["stdout"] == "%d\n" % n
            connection.close()
            time.sleep(0.2)
        assert any("http://127.0.0.1:%d/playground/" % port in line for line in lines), "".join(lines)
        for name in ("", "main.mjs"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/playground/" + name)
            assert connection.getresponse().status == 200, name
            connection.close()
        process.send_signal(sig)
        assert process.wait(20) == 0, "".join(lines) + process.stdout.read()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        process.stdout.close()
    assert processes_of(str(place)) == []


def test_port_taken(place):
    """Says so, and leaves nothing."""
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        done = subprocess.run([QUICKSTART, "--port", str(port)], cwd="/", env=environment(place), text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=600)
    assert done.returncode != 0
    assert "port %d is taken" % port in done.stderr, done.stderr


@pytest.mark.parametrize("arguments,status", [(["--help"], 0), (["--nonsense"], 2), (["--port", "x"], 1), (["--port"], 1)])
def test_arguments(place, arguments, status):
    done = subprocess.run([QUICKSTART, *arguments], env=environment(place), text=True, capture_output=True, timeout=20)
    assert done.returncode == status
    if status:
        assert done.stderr
    else:
        assert "usage: ./quickstart" in done.stdout
