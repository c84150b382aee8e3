"""What the executors tell a service manager (sd_notify), which here is a socket of the test's."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import pytest

from stack import BUILD, SOURCE, Stack, wait_until

WATCHDOG_S = 1.0


class Manager:
    """Collects messages; `.heard` has them in their order."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "notify.sock")
        self.heard = []
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        os.chmod(self.path, 0o777)
        threading.Thread(target=self.collect, daemon=True).start()  # at once: the kernel keeps ten, and who sends gives up soon

    def environment(self):
        return {"NOTIFY_SOCKET": self.path, "WATCHDOG_USEC": "%d" % (WATCHDOG_S * 2e6)}

    def collect(self):
        with contextlib.suppress(OSError):
            while data := self.sock.recv(4096):
                self.heard.append(data.decode())

    def hear(self):
        return self.heard

    def expect(self, text, timeout=60):
        wait_until(lambda: [m for m in self.hear() if text in m], timeout, what="%s among %s" % (text, self.heard))

    def silent_for(self, seconds):
        """No sign of life for so long."""
        self.hear()
        end, before = time.monotonic() + seconds, self.heard.count("WATCHDOG=1")
        while time.monotonic() < end:
            time.sleep(0.1)
            if self.hear().count("WATCHDOG=1") != before:
                return False
        return True


@pytest.fixture
def manager():
    directory = tempfile.mkdtemp(prefix="sgn-")
    os.chmod(directory, 0o755)
    one = Manager(directory)
    yield one
    one.sock.shutdown(socket.SHUT_RDWR)
    one.sock.close()
    shutil.rmtree(directory)


class ManagedStack(Stack):
    def environment(self):
        return {**super().environment(), **self.manager.environment()}


def test_native(manager):
    stack = ManagedStack()
    stack.manager = manager
    with stack:
        assert "READY=1\nSTATUS=ready" in manager.hear(), manager.heard  # GET /ready is not answered before
        manager.expect("WATCHDOG=1")
        child = stack.executor_child()
        os.kill(child, signal.SIGSTOP)
        try:  # a child that is there and does not work is not said to be well: once the answers on their way are in
            wait_until(lambda: manager.silent_for(3 * WATCHDOG_S), 30, what="silence")
        finally:
            os.kill(child, signal.SIGCONT)
        before = manager.hear().count("WATCHDOG=1")
        wait_until(lambda: manager.hear().count("WATCHDOG=1") > before, 30, what="signs of life")
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: stack.executor_child() not in (None, child), 30, what="another child")
        before = manager.hear().count("WATCHDOG=1")
        wait_until(lambda: manager.hear().count("WATCHDOG=1") > before, 30, what="signs of life of the next child")
        # Only the service itself speaks: the address is in nobody's environment.
        assert not [m for m in manager.hear() if m not in ("READY=1\nSTATUS=ready", "WATCHDOG=1")], manager.heard
    manager.expect("STOPPING=1")


def test_a_language_that_does_not_work(manager):
    """It has started all the same, and says what is wrong."""
    stack = ManagedStack(wait=False, start="cold")
    stack.manager = manager
    write = stack.write_runtimes

    def break_python():
        write()
        path = stack.path("conf", "sandgate", "runtimes.d", "python.conf")
        with open(path) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(re.sub(r'(?m)^command = .*$', 'command = { "/usr/bin/false", "{file}" }', text))
    stack.write_runtimes = break_python
    with stack:
        manager.expect("READY=1\nSTATUS=not ready")
        assert stack.get("/ready").status == 503


def test_hangup_ends_as_a_request_to_stop_does(manager):
    stack = ManagedStack(start="cold")
    stack.manager = manager
    with stack:
        executor = stack.processes["executor"]
        executor.send_signal(signal.SIGHUP)
        assert executor.wait(30) == 0
        assert not os.path.exists(stack.path("native", "native.sock"))
        manager.expect("STOPPING=1")
        stack.start_executor()


def test_docker_listens(manager):
    """It listens without an Engine, and is ready then."""
    if not os.path.exists(os.path.join(BUILD, "sandgate-docker")):
        pytest.skip("built without sandgate-docker")
    directory = os.path.dirname(manager.path)
    conf = os.path.join(directory, "sandgate.conf")
    with open(conf, "w") as f:
        for kind in ("runtime", "profile", "rules", "policy"):
            name = {"runtime": "runtimes.d", "profile": "profiles", "rules": "rules", "policy": "policies.d"}[kind]
            f.write('%s_dir = "%s"\n' % (kind, os.path.join(SOURCE, "packaging", "conf", name)))
        f.write('docker {\n    socket = "%s/docker.sock"\n    engine_socket = "%s/no-engine.sock"\n}\n' % (directory, directory))
    process = subprocess.Popen([os.path.join(BUILD, "sandgate-docker"), "-c", conf, "--quiet"], stdin=subprocess.DEVNULL,
                               env={**os.environ, **manager.environment()})
    try:
        manager.expect("READY=1")
        manager.expect("WATCHDOG=1")
        process.terminate()
        assert process.wait(30) == 0
        manager.expect("STOPPING=1")
    finally:
        process.kill()
        process.wait()
