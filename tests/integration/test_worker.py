"""A worker's life, what it may do, and peers that misbehave, past nginx where nginx would not let them."""

import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import time

import pytest

from fastcgi import Peer, record
from procfs import links
from stack import ROOT, wait_until
from waiting import patiently

RUN = b'{"language":"python","code":"print(1)","validate":false}'
SLEEP = b'{"language":"python","code":"import time; time.sleep(60)","validate":false,"id":"%s"}'


def status_of(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def private_kb(pid):
    """Private memory; by statm where smaps is not ours to read (a worker is not dumpable)."""
    with contextlib.suppress(PermissionError), open("/proc/%d/smaps_rollup" % pid) as f:
        return sum(int(line.split()[1]) for line in f if line.startswith("Private_"))
    with open("/proc/%d/statm" % pid) as f:
        fields = f.read().split()
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGESIZE") // 1024


def gone(pid):
    try:
        return status_of(pid)["State"].startswith("Z")
    except (FileNotFoundError, ProcessLookupError):
        return True


def peer(stack, **kw):
    return Peer(stack.path("run", "workers.sock"), **kw)


@pytest.fixture
def one_worker(make_stack):
    return make_stack(workers=1, slots=1, queue=2)


def test_posture(stack):
    """No privilege is left in a worker that lives, read from outside."""
    patiently(lambda: [check_posture(pid) for pid in stack.worker_pids()])


def check_posture(pid):
    status = status_of(pid)
    assert (status["NoNewPrivs"], status["Seccomp"], status["Seccomp_filters"]) == ("1", "2", "1")
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):  # CapBnd: it takes a capability to drop
        assert int(status[name], 16) == 0, (name, status[name])
    assert status["Threads"] == "1"
    if ROOT:
        assert status["Uid"].split() == ["65534"] * 4 and set(status["Groups"].split()) <= {"65534"}
    with open("/proc/%d/limits" % pid) as f:
        core = next(line for line in f if line.startswith("Max core file size"))
    assert core.split()[4:6] in (["1", "1"], ["0", "0"])


@pytest.mark.skipif(not ROOT, reason="a worker's descriptors cannot be read by its own user: it is not dumpable")
def test_descriptors(stack):
    """Nothing but the listener, what waits for it, the log, the executor's connection and /dev/null is open."""
    stack.run("print(1)")
    patiently(lambda: [check_descriptors(pid) for pid in stack.worker_pids()])


def check_descriptors(pid):
    open_there = links(pid)
    odd = [link for link in open_there if link not in ("/dev/null", "anon_inode:[eventpoll]") and not link.startswith("socket:")
           and not link.endswith("workers.log")]
    assert not odd, odd
    assert sum(link.startswith("socket:") for link in open_there) <= 2


def test_ends_after_so_many_requests(make_stack):
    one = make_stack(workers=2, requests=5)
    first = set(one.worker_pids())
    for _ in range(30):
        assert one.run("print(1)")["stdout"] == "1\n"
    wait_until(lambda: len(one.worker_pids()) == 2 and not first & set(one.worker_pids()), what="fresh workers")
    wait_until(lambda: "ends after 5 requests" in one.log("workers"), what="the log's line")


def test_ends_after_so_long(make_stack):
    """Idle as well: nobody sends anything."""
    one = make_stack(workers=2, worker="lifetime_s = 2")
    first = set(one.worker_pids())
    wait_until(lambda: len(one.worker_pids()) == 2 and not first & set(one.worker_pids()), 30, what="fresh workers")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signal_ends_an_idle_worker(one_worker, number):
    one_worker.run("print(1)")
    pid = one_worker.worker_pids()[0]
    os.kill(pid, number)
    wait_until(lambda: gone(pid), 10, what="the worker's end")
    assert one_worker.run("print(2)")["stdout"] == "2\n"


def test_sigterm_in_a_run_waits_for_its_end(one_worker):
    pid = one_worker.worker_pids()[0]
    s = one_worker.begin("import time; time.sleep(5); print('whole')")
    wait_until(one_worker.box_pids, what="the run's start")
    os.kill(pid, signal.SIGTERM)
    time.sleep(0.3)
    assert not gone(pid)
    answer = b""
    with s:
        while part := s.recv(65536):
            answer += part
    assert b'"stdout":"whole\\n"' in answer
    wait_until(lambda: gone(pid), 10, what="the worker's end")


def test_sigterm_under_load(make_stack):
    """epoll_pwait(2) delivers no signal while connections wait: the worker has to ask. Nobody loses an answer."""
    one = make_stack(workers=2, slots=2)
    first = one.worker_pids()
    codes = []
    end = time.monotonic() + 2
    for pid in first:
        os.kill(pid, signal.SIGTERM)
    while time.monotonic() < end:
        codes.append(one.post(b"{}").status)
    assert set(codes) == {422}
    wait_until(lambda: all(gone(pid) for pid in first), what="the end of both")


def switches(pid):
    return int(status_of(pid)["voluntary_ctxt_switches"])


def test_a_connection_wakes_one_worker(make_stack):
    """Not all that wait for it, of which all but one would wake for nothing."""
    one = make_stack(workers=8)
    one.post(b"{}")
    before = {pid: switches(pid) for pid in one.worker_pids()}
    for _ in range(100):
        assert one.post(b"{}").status == 422
    woken = [pid for pid, n in before.items() if switches(pid) - n > 50]
    assert len(woken) <= 3, {pid: switches(pid) - n for pid, n in before.items()}


def test_a_worker_that_was_woken_and_does_not_accept(make_stack):
    """All but one stand still, and among them those that are woken first: the one that is left finds the connections."""
    one = make_stack(workers=4)
    pids = one.worker_pids()
    for awake in pids:
        asleep = [pid for pid in pids if pid != awake]
        try:
            for pid in asleep:
                os.kill(pid, signal.SIGSTOP)
            assert one.post(b"{}", timeout=20).status == 422
        finally:
            for pid in asleep:
                os.kill(pid, signal.SIGCONT)


def test_a_socket_that_somebody_makes_block(stack):
    """As systemd does with the one that all workers share, each time that it starts one: nobody waits in accept(2)."""
    path = stack.path("run", "own.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        worker = subprocess.Popen([stack.path("bin", "sandgate-fcgi"), "-c", stack.path("conf", "sandgate.conf")], stdin=listener,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: not os.get_blocking(listener.fileno()), 20, what="a worker that has the socket")
            os.set_blocking(listener.fileno(), True)
            time.sleep(2.5)  # it looks for a connection each second, of which nobody has told it
            worker.terminate()
            assert worker.wait(20) == 0
        finally:
            worker.kill()
            worker.wait()
            os.unlink(path)


def test_executor_killed_in_a_run(one_worker):
    """502 executor_lost; the worker stays, connects again, and the next run works."""
    pid = one_worker.worker_pids()[0]
    with peer(one_worker) as p:
        p.begin("POST", "/v1/execute", len(SLEEP % b"lost"))
        p.stdin(SLEEP % b"lost")
        p.end_stdin()
        wait_until(one_worker.box_pids, what="the run's start")
        boxes = one_worker.box_pids()
        os.kill(one_worker.executor_child(), signal.SIGKILL)
        status, headers, body = p.answer()
    assert status == 502 and b'"code":"executor_lost"' in body and b'"retryable":true' in body
    assert headers["Retry-After"] == "1"
    wait_until(lambda: all(gone(b) for b in boxes), 10, what="the run's end")
    wait_until(lambda: one_worker.get("/ready").status == 200, 60, what="the executor's return")
    assert one_worker.run("print(1)")["stdout"] == "1\n"
    assert one_worker.worker_pids() == [pid]


def test_private_executor_killed_in_a_run(make_stack):
    """A confined worker cannot start another one: it answers 502 and ends, and its manager starts a fresh one."""
    one = make_stack(executor="embedded", workers=1)
    pid = one.worker_pids()[0]
    with peer(one) as p:
        p.begin("POST", "/v1/execute", len(SLEEP % b"lost"))
        p.stdin(SLEEP % b"lost")
        p.end_stdin()
        wait_until(lambda: one.children("workers", "python3"), what="the program's start")
        boxes = one.children("workers", "python3")
        os.kill(one.children("workers", "sandgate-native")[0], signal.SIGKILL)
        status, _, body = p.answer()
    assert status == 502 and b'"code":"executor_lost"' in body
    wait_until(lambda: gone(pid) and all(gone(b) for b in boxes), 10, what="the end of worker and run")
    assert one.run("print(1)")["stdout"] == "1\n"


def test_private_executor_killed_while_idle(make_stack):
    one = make_stack(executor="embedded", workers=1)
    one.run("print(1)")
    pid = one.worker_pids()[0]
    os.kill(one.children("workers", "sandgate-native")[0], signal.SIGKILL)
    wait_until(lambda: gone(pid), 10, what="the worker's end")
    assert one.run("print(1)")["stdout"] == "1\n"


def test_executor_restarted_while_idle(one_worker):
    one_worker.run("print(1)")
    os.kill(one_worker.executor_child(), signal.SIGKILL)
    wait_until(lambda: one_worker.executor_child() and one_worker.get("/ready").status == 200, 60,
               what="the executor's return")
    assert one_worker.run("print(2)")["stdout"] == "2\n"


def test_no_executor(one_worker):
    one_worker.stop_process("executor")
    answer = one_worker.post(RUN)
    doc = answer.problem()
    assert (answer.status, doc["code"], answer.headers["Retry-After"]) == (503, "executor_unreachable", "1")
    assert "native.sock" not in answer.body.decode()  # paths are for the log
    wait_until(lambda: "native.sock" in one_worker.log("workers"), what="the log's line")
    assert one_worker.get("/ready").problem()["code"] == "executor_unreachable"
    assert one_worker.get("/v1/runtimes").problem()["code"] == "executor_unreachable"
    assert one_worker.get("/health").json == {"status": "ok"}
    assert one_worker.get("/v1/limits").status == 200


@pytest.mark.parametrize("leave", ["close", "abort", "reset"])
def test_client_leaves_during_a_run(one_worker, leave):
    """The run's processes are gone long before its own end, no answer is written, the log says 499, the worker goes on."""
    pid = one_worker.worker_pids()[0]
    p = peer(one_worker)
    job = leave.encode()
    p.begin("POST", "/v1/execute", len(SLEEP % job))
    p.stdin(SLEEP % job)
    p.end_stdin()
    wait_until(one_worker.box_pids, what="the run's start")
    if leave == "abort":
        p.abort()
    elif leave == "reset":
        p.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        p.close()
    else:
        p.close()
    wait_until(lambda: not one_worker.box_pids(), 10, what="the run's end")
    line = wait_until(lambda: re.search(r"job=%s client=192\.0\.2\.1 POST /v1/execute status=(\d+) outcome=(\S+)" % leave,
                                        one_worker.log("workers")), what="the log's line")
    assert line.groups() == ("499", "cancelled")
    p.close()
    assert one_worker.run("print(1)")["stdout"] == "1\n"
    assert one_worker.worker_pids() == [pid]


def test_body_broken_off(one_worker):
    with peer(one_worker) as p:
        p.begin("POST", "/v1/execute", 100)
        p.stdin(RUN[:20])
    with peer(one_worker) as p:
        p.begin("POST", "/v1/execute", 100)
        p.stdin(RUN[:20])
        p.end_stdin()
        status, _, body = p.answer()
    assert status == 400 and b'"code":"body_incomplete"' in body and b"only 20 of 100 bytes came" in body
    assert one_worker.get("/ready").json["running"] == 0
    assert one_worker.run("print(1)")["stdout"] == "1\n"


def test_body_too_slow(one_worker):
    """Somebody who stops sending holds a worker for ten seconds, not for ever."""
    with peer(one_worker) as p:
        begin = time.monotonic()
        p.begin("POST", "/v1/execute", len(RUN))
        p.stdin(RUN[:10])
        status, _, body = p.answer()
        assert 8 < time.monotonic() - begin < 30
    assert status == 400 and b"came in time" in body


def test_body_byte_by_byte(one_worker):
    with peer(one_worker) as p:
        p.begin("POST", "/v1/execute", len(RUN))
        for i in range(len(RUN)):
            p.stdin(RUN[i:i + 1])
        p.end_stdin()
        status, _, body = p.answer()
    assert status == 200 and b'"stdout":"1\\n"' in body


def test_body_longer_than_told(one_worker):
    with peer(one_worker) as p:
        p.begin("POST", "/v1/execute", len(RUN))
        p.stdin(RUN + b"x" * 1000)
        p.end_stdin()
        status, _, body = p.answer()
    assert status == 200 and b'"stdout":"1\\n"' in body


def test_keep_connection_is_not_kept(one_worker):
    """Other workers' connections wait on the same socket: one peer does not keep a worker for itself."""
    with peer(one_worker) as p:
        assert p.request("GET", "/health", keep=True)[0] == 200
        with pytest.raises((EOFError, ConnectionError)):
            p.request("GET", "/health", keep=True)
    assert one_worker.run("print(1)")["stdout"] == "1\n"


@pytest.mark.parametrize("garbage", [
    b"", b"\0", b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 100000, record(5, b"x"), record(4, b"x"),
    record(1, b"\0\1\0\0\0\0\0\0"), record(1, b"\0\7\0\0\0\0\0\0") + record(4, b""),
    record(1, b"\0\1\0\0\0\0\0\0") + record(4, b"\xff\xff\xff\xff\xff\xff\xff\xff"),
    record(9, b"\x0fFCGI_MAX_CONNS\0", request=0),
], ids=str)
def test_garbage(one_worker, garbage):
    pid = one_worker.worker_pids()[0]
    for half in (True, False):
        with contextlib.suppress(OSError), peer(one_worker, timeout=3) as p:
            p.send(garbage)
            if half:
                p.socket.shutdown(socket.SHUT_WR)
            with contextlib.suppress(EOFError, socket.timeout, ValueError):
                p.answer()
    assert one_worker.run("print(1)")["stdout"] == "1\n"
    assert one_worker.worker_pids() == [pid]


def test_odd_parameters(one_worker):
    """What a web server would hardly send: header injection by the id, a path with anything, no address."""
    with peer(one_worker) as p:
        status, headers, _ = p.request("GET", "/health", SANDGATE_REQUEST_ID="a\r\nSet-Cookie: x=1")
        assert status == 200 and "Set-Cookie" not in headers
    with peer(one_worker) as p:
        status, _, body = p.request("GET", "/a\"\\\x01\n" + "b" * 50)
        assert status == 404 and b'"instance":"/a\\"\\\\\\u0001\\nb' in body
    with peer(one_worker) as p:
        status, _, _ = p.request("GET", "/health", SANDGATE_CLIENT="evil\nforged log line\x1b[1m")
        assert status == 200
    wait_until(lambda: "client=evil_forged_log_line_[1m" in one_worker.log("workers"), what="the log's line")
    assert "\x1b" not in one_worker.log("workers")


@pytest.mark.parametrize("name", ["Proxy", "SANDGATE_VALIDATE", "Sandgate-Max-Processes", "Sandgate_Client"])
def test_client_headers_set_no_policy(stack, name):
    answer = stack.post(RUN, headers={name: "required"})
    assert answer.status == 200


def test_memory(make_stack):
    """At most 6 MB private, and large requests leave nothing behind."""
    one = make_stack(workers=1)
    pid = one.worker_pids()[0]
    one.run("print(1)")
    before = private_kb(pid)
    big = "#" * (1 << 20)
    for _ in range(10):
        doc = one.run(big + "\nimport sys; sys.stdout.write('\\0' * (3 << 20))", stdin=big,
                      limits={"output_bytes": 8 << 20})
        assert doc["stdout_bytes"] == len(doc["stdout"]) == 3 << 20
    for _ in range(500):
        one.post(b'{"language":"cobol","x":[1,2,{"a":null}]}')
    after = private_kb(pid)
    print("private memory: %d kB, after: %d kB" % (before, after))
    assert one.worker_pids() == [pid]
    assert before < 6000 and after < 6000 and after < before + 1500
