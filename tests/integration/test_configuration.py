"""Settings that are wrong, as the executors meet them."""

import os
import re
import socket
import subprocess

import pytest

from stack import BUILD, SOURCE

EXECUTORS = [name for name in ("native", "docker") if os.path.exists(os.path.join(BUILD, "sandgate-" + name))]


@pytest.fixture
def conf(tmp_path):
    """A configuration with the shipped directories, and `more`."""
    def write(more, **directories):
        text = "".join('%s_dir = "%s"\n' % (kind, directories.get(kind, os.path.join(SOURCE, "packaging", "conf", name)))
                       for kind, name in (("runtime", "runtimes.d"), ("profile", "profiles"), ("rules", "rules"), ("policy", "policies.d")))
        path = tmp_path / "sandgate.conf"
        path.write_text(text + more)
        return str(path)
    return write


def run(engine, *arguments):
    return subprocess.run([os.path.join(BUILD, "sandgate-" + engine), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("engine", EXECUTORS)
@pytest.mark.parametrize("what", ["file", "link", "directory"])
def test_what_is_no_socket_is_not_removed(conf, tmp_path, engine, what):
    """Connecting to a file is refused as connecting to a socket that nobody serves is."""
    place = tmp_path / "precious"
    if what == "directory":
        place.mkdir()
    else:
        (tmp_path / "text").write_text("precious")
        place.symlink_to("text") if what == "link" else (tmp_path / "text").rename(place)
    ended = run(engine, "-c", conf('%s { socket = "%s" }\n' % (engine, place)))
    assert ended.returncode == 1 and str(place) in ended.stderr and "no socket" in ended.stderr, ended
    assert place.is_dir() if what == "directory" else place.read_text() == "precious"
    assert place.is_symlink() == (what == "link")


@pytest.mark.parametrize("engine", EXECUTORS)
def test_a_socket_that_nobody_serves_is_replaced(conf, tmp_path, engine):
    place = str(tmp_path / "stale.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as left:
        left.bind(place)
    process = subprocess.Popen([os.path.join(BUILD, "sandgate-" + engine), "-c", conf('%s { socket = "%s" }\n' % (engine, place))],
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(200):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
                if client.connect_ex(place) == 0:
                    break
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(process.stderr.read())
        else:
            raise AssertionError("nobody listens")
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert not os.path.exists(place)


@pytest.mark.parametrize("word", ["on", "yes", "true", "off", "no", "false"])
def test_switches_of_runtimes_are_those_of_the_configuration(conf, tmp_path, word):
    runtimes = tmp_path / "runtimes.d"
    runtimes.mkdir()
    with open(os.path.join(SOURCE, "packaging", "conf", "runtimes.d", "c.conf")) as f:
        (runtimes / "c.conf").write_text(re.sub(r"(?m)^optional *= on$", "optional = " + word, f.read()))
    assert "optional = %s\n" % word in (runtimes / "c.conf").read_text()
    ended = run("native", "--check", "-c", conf('native { socket = "%s" }\n' % (tmp_path / "native.sock"), runtime=str(runtimes)))
    assert ended.returncode == 0, ended


def test_another_word_is_refused(conf, tmp_path):
    runtimes = tmp_path / "runtimes.d"
    runtimes.mkdir()
    with open(os.path.join(SOURCE, "packaging", "conf", "runtimes.d", "c.conf")) as f:
        (runtimes / "c.conf").write_text(re.sub(r"(?m)^optional *= on$", "optional = maybe", f.read()))
    ended = run("native", "--check", "-c", conf('native { socket = "%s" }\n' % (tmp_path / "native.sock"), runtime=str(runtimes)))
    assert ended.returncode == 1 and "neither on nor off" in ended.stderr, ended
