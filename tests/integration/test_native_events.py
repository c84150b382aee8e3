"""A box whose pid 1 is killed, or is somebody else's and says what cannot be: that run is lost, and no other."""

import ctypes
import os
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest
from source import SOURCE
from procfs import process_table
from stack import Stack, wait_until

# Each group shares its stack.
pytestmark = pytest.mark.xdist_group("native-events")

PID, READY, STARTED, WAITING, EXITED, WATCH = range(2, 8)  # enum sg_box_event_kind
SLEEPS = {
    "cold": {"language": "python", "validate": False, "code": "import time; time.sleep(60)", "args": ["1"]},
    "warm": {"language": "python", "validate": False, "code": "import time; time.sleep(60)"},
    "ahead": {"language": "javascript", "validate": False, "code": "setTimeout(() => {}, 60000)"},
}


@pytest.fixture(scope="module")
def own():
    with Stack(slots=4, queue=4, workers=8) as stack:
        yield stack


def pids_1(stack):
    """Pid 1 of each box whose program is a run's: what waits has another name, or its parent has."""
    child, table = stack.executor_child(), process_table()
    boxes = {pid for pid, (ppid, state, name) in table.items() if ppid == child and state != "Z" and name == "sandgate-box"}
    return {ppid for ppid, _, name in table.values() if ppid in boxes and name.startswith(("python", "node", "MainThread"))}


class Run:
    """A run that has begun, and its pid 1."""

    def __init__(self, stack, start, **fields):
        before = pids_1(stack)
        request = {**SLEEPS[start], "timeout": 60, **fields}
        self.thread = threading.Thread(target=lambda: setattr(self, "answer", stack.post(request, timeout=90)))
        self.thread.start()

        def lasting():
            """What is started ahead looks like a run for a moment."""
            found = pids_1(stack) - before
            time.sleep(0.1 if found else 0)
            return found & pids_1(stack)

        self.pid_1 = wait_until(lasting, what="the run's program").pop()

    def end(self):
        self.thread.join(90)
        return self.answer


def lost(answer, words):
    problem = answer.problem()
    assert (problem["status"], problem["code"], problem["retryable"]) == (502, "executor_lost", True), problem
    assert words in problem["detail"], problem


@pytest.mark.needs_root
@pytest.mark.parametrize("start", SLEEPS)
def test_a_killed_pid_1_is_a_lost_run(own, start):
    """Not 503, after which another node would run it once more."""
    run = Run(own, start)
    os.kill(run.pid_1, signal.SIGKILL)
    lost(run.end(), "its init process was killed")
    assert own.run("print(1)")["stdout"] == "1\n"


@pytest.fixture(scope="module")
def event_size(tmp_path_factory):
    program = tmp_path_factory.mktemp("size") / "size"
    text = '#include <stdio.h>\n#include "core/sandbox/box.h"\nint main(void) { printf("%zu", sizeof(struct sg_box_event)); }\n'
    subprocess.run(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-I", SOURCE, "-x", "c", "-", "-o", program], input=text, text=True, check=True)
    return int(subprocess.check_output([program]))


def socket_of(pid):
    """Its descriptor 3, by pidfd_getfd(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = os.pidfd_open(pid)
    try:
        fd = libc.syscall(438, pidfd, 3, 0)
        assert fd >= 0, os.strerror(ctypes.get_errno())
        return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, fileno=fd)
    finally:
        os.close(pidfd)


@pytest.mark.needs_root
@pytest.mark.parametrize("start", SLEEPS)
@pytest.mark.parametrize("kind", [STARTED, READY, PID, WAITING, WATCH, 77])
def test_what_cannot_be_is_that_runs_end(own, event_size, start, kind):
    """The test speaks in pid 1's place. The executor is the same process afterwards, and the run beside it ends well."""
    child = own.executor_child()
    other = Run(own, "cold", code='import time; time.sleep(5); print("beside it")')
    run = Run(own, start)
    with socket_of(run.pid_1) as control:
        control.send(struct.pack("=IIii", kind, 0, 0, os.getpid()).ljust(event_size, b"\0"))
    lost(run.end(), "event %d, which cannot be" % kind)
    assert other.end().json["stdout"] == "beside it\n"
    assert own.executor_child() == child


@pytest.mark.needs_root
def test_a_flood_of_events_holds_nobody_up(own, event_size):
    """For a second, until pid 1 has been reaped or its socket is closed."""
    run = Run(own, "cold")
    event = struct.pack("=IIii", 77, 0, 0, 0).ljust(event_size, b"\0")
    with socket_of(run.pid_1) as control:
        control.settimeout(1)
        with pytest.raises(OSError):
            for _ in range(200000):
                control.send(event)
    lost(run.end(), "event 77")
    assert own.run("print(1)")["stdout"] == "1\n"
