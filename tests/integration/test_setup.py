"""What tests/support/setup.sh does to the machine on which ./check and ./quickstart install what is missing."""

import os
import signal
import subprocess

import pytest

from stack import SOURCE, wait_until

SCRIPT = '. "$top/tests/support/setup.sh"; policy_rc=$1; trap "echo trap of the caller" EXIT; need_packages a-package; echo went on'


@pytest.fixture
def place(tmp_path):
    """apt-get that writes what it was called with, dpkg-query that knows no package, sudo that needs no password."""
    def program(name, text):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
    program("dpkg-query", "exit 1\n")
    program("sudo", '[ "$1" != -n ] || shift; exec "$@"\n')
    program("apt-get", 'echo "$*" >>"%s/calls"; ls "%s" >>"%s/calls"; case $1 in install) . "%s/during" ;; esac\n' % ((tmp_path,) * 4))
    (tmp_path / "during").write_text("exit 0\n")
    return tmp_path


def begin(place):
    environment = {**os.environ, "top": SOURCE, "PATH": "%s:%s" % (place / "bin", os.environ["PATH"]), "TMPDIR": str(place / "tmp")}
    (place / "tmp").mkdir(exist_ok=True)
    def heed():
        """A shell cannot trap what was ignored when it was started: SIGINT below a background job, SIGHUP below nohup."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    return subprocess.Popen(["/bin/sh", "-euc", SCRIPT, "check", str(place / "policy-rc.d")], env=environment, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                            preexec_fn=heed)


def nothing_left(place):
    assert not (place / "policy-rc.d").exists()
    assert os.listdir(place / "tmp") == []


def test_no_service_starts_and_nothing_is_removed(place):
    out, err = begin(place).communicate(timeout=60)
    assert out.endswith("went on\ntrap of the caller\n") and not err, (out, err)
    calls = (place / "calls").read_text()
    assert "--no-remove" in calls and "a-package" in calls and "policy-rc.d" in calls, calls
    nothing_left(place)


def test_what_apt_refuses_is_told(place):
    (place / "during").write_text("echo it would have to remove docker-ce; exit 100\n")
    process = begin(place)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and "went on" not in out, out
    assert "remove docker-ce" in err and "could not install a-package" in err, err
    nothing_left(place)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_interrupts_leaves_services_free_to_start(place, number):
    # No shell that sleeps: dash loses a SIGINT that comes while it starts a command (vfork).
    (place / "during").write_text("""exec /usr/bin/python3 -c "
import signal, time
signal.signal(signal.SIGINT, signal.SIG_DFL)
open('%s/calls', 'a').write('begun')
time.sleep(60)"
""" % place)
    process = begin(place)
    wait_until(lambda: (place / "calls").exists() and "begun" in (place / "calls").read_text(), 20, what="the installation")
    os.killpg(process.pid, number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode != 0 and "went on" not in out, out
    nothing_left(place)


def test_a_policy_of_the_machine_stays(place):
    (place / "policy-rc.d").write_text("theirs")
    assert begin(place).wait(60) == 0
    assert (place / "policy-rc.d").read_text() == "theirs"
