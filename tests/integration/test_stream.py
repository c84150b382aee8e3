"""Server-sent events of POST /v1/execute: output arrives while it is written, on every engine and start, through nginx as it
is shipped; bytes are the same whatever they are; slow clients make the program wait, and those that leave end it."""

import base64
import http.client
import json
import os
import re
import signal
import subprocess
import time

import pytest

from events import Events, decode, output
from stack import Stack, wait_until

# A line, a pause that no noise of a machine explains away, and another one.
PAUSE = 2.0
SLOW = "import time\nprint('first', flush=True)\ntime.sleep(%g)\nprint('second')" % PAUSE
# Members of the whole answer that a streamed result has not, since they were told.
TOLD = {"stdout", "stdout_encoding", "stderr", "stderr_encoding", "files"}


def names(events):
    """Names in order, runs of the same one as one, pings left out."""
    found = []
    for event in events:
        if event.name != "ping" and found[-1:] != [event.name]:
            found.append(event.name)
    return found


def stream(stack, code="", **fields):
    with Events(stack, code, **fields) as events:
        return events.all()


# ---- what comes, and when ---------------------------------------------------------------------------------------


def test_a_line_comes_before_the_program_goes_on(any_stack):
    with Events(any_stack, SLOW, id="job-1") as events:
        start, first = events.next(), events.next("stdout")
        rest = events.all()
    assert start.name == "start" and start.data["id"] == "job-1"
    assert start.data["runtime"]["language"] == "python" and re.match(r"3\.", start.data["runtime"]["version"])
    assert first.data == {"data": "first\n", "encoding": "utf8"}
    second, result = rest[-2:]
    assert (second.data["data"], result.name) == ("second\n", "result")
    assert second.at - first.at > PAUSE / 2, (first, second)
    assert result.data["success"] is True and result.data["stdout_bytes"] == 13


def test_curl_shows_it_as_it_comes(stack, tmp_path):
    body = tmp_path / "body"
    body.write_text(json.dumps({"language": "python", "validate": False, "code": SLOW}))
    curl = subprocess.Popen(["curl", "-sSN", "-D", str(tmp_path / "head"), "-H", "Accept: text/event-stream", "-H",
                             "Content-Type: application/json", "-d", "@%s" % body, "http://127.0.0.1:%d/v1/execute" % stack.port],
                            stdout=subprocess.PIPE)
    lines = [(line, time.monotonic()) for line in curl.stdout]
    assert curl.wait() == 0
    when = {text: at for line, at in lines for text in (b"first", b"second") if text in line}
    assert when[b"second"] - when[b"first"] > PAUSE / 2
    head = (tmp_path / "head").read_text().lower()
    assert "200 ok" in head and "content-type: text/event-stream" in head and "cache-control: no-store" in head
    assert "x-content-type-options: nosniff" in head and "x-request-id: " in head
    assert "x-accel-buffering" not in head and "content-length" not in head  # that one is for nginx alone


def test_result_is_the_answer_without_what_was_told(any_stack):
    code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\nsys.exit(3)"
    events, whole = stream(any_stack, code), any_stack.run(code)
    result = events[-1].data
    assert names(events)[0] == "start" and events[-1].name == "result"
    assert set(result) == set(whole) - TOLD
    for name in ("status", "success", "exit_code", "signal", "error", "engine", "runtime", "stdout_bytes", "stderr_bytes",
                 "stdout_truncated", "stdout_omitted_at", "validation", "isolation"):
        assert result[name] == whole[name], name
    assert output(events, "stdout") == b"out\n" and output(events, "stderr") == b"err\n"
    assert (result["exit_code"], result["termination"]["reason"]) == (3, "exited")


COMPLAINTS = {
    "a module": ("import no_such_module", {}, "GET /v1/runtimes lists the packages"),
    "behind other output": ("import sys\nsys.stderr.write('x' * 300000)\nraise MemoryError", {}, "limits.memory_bytes"),
    "in two parts": ("import os, sys, time\nos.write(2, b'Memory')\ntime.sleep(0.2)\nos.write(2, b'Error\\n')\nsys.exit(1)", {}, "limits.memory_bytes"),
    "merged": ("import socket\nprint('x' * 5000, flush=True)\nsocket.socket()", {"merge_stderr": True}, "there is no network"),
    "on stdout": ("import sys\nprint('MemoryError')\nsys.exit(1)", {}, "wrote nothing to stderr"),
    "a full file": ("open('a', 'wb').write(b'x' * 3000)", {"limits": {"file_bytes": 1024}}, "a file reached limits.file_bytes"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_the_hint_is_the_same(any_stack, name):
    code, fields, hint = COMPLAINTS[name]
    told = stream(any_stack, code, **fields)[-1].data["termination"]["hint"]
    assert hint in told and told == any_stack.run(code, **fields)["termination"]["hint"]


@pytest.mark.parametrize("code,reason", [("", "exited"), ("while True: pass", "wall_time"), ("import os; os.abort()", "signaled")])
def test_runs_that_write_nothing(any_stack, code, reason):
    events = stream(any_stack, code, timeout=1 if reason == "wall_time" else 30)
    assert names(events) == ["start", "result"]
    assert events[-1].data["termination"]["reason"] == reason


def test_merged_in_the_order_in_which_it_was_written(any_stack):
    code = "import os\nfor i in range(200): os.write(1 + i % 2, b'%d\\n' % i)"
    events = stream(any_stack, code, merge_stderr=True)
    assert output(events, "stdout") == b"".join(b"%d\n" % i for i in range(200))
    assert output(events, "stderr") == b"" and events[-1].data["stderr_bytes"] == 0


def test_both_streams_of_one_program(any_stack):
    code = ("import os, time\nfor i in range(20):\n os.write(1, b'o%02d ' % i)\n os.write(2, b'e%02d ' % i)\n time.sleep(0.01)")
    events = stream(any_stack, code)
    for stream_name, letter in (("stdout", b"o"), ("stderr", b"e")):
        assert output(events, stream_name) == b"".join(b"%c%02d " % (letter[0], i) for i in range(20))


# ---- bytes ------------------------------------------------------------------------------------------------------


def test_no_event_has_a_part_of_a_character(any_stack):
    """Written byte by byte, with a pause within each character."""
    text = "aé€😀\u0000\n"
    code = "import os, time\nfor b in %r: os.write(1, bytes([b])); time.sleep(0.02)" % text.encode()
    events = stream(any_stack, code)
    assert all(e.data["encoding"] == "utf8" for e in events if e.name == "stdout")
    assert output(events, "stdout").decode() == text


@pytest.mark.parametrize("data", [b"\xff\x00\x01", bytes(range(256)) * 300, b"ok \xe2\x82", "é".encode() * 20000 + b"\xff" + "é".encode() * 20000,
                                  b"\xf0\x9f\x98", b"x" * 16384 + b"\xe2\x82\xac" * 5461],
                         ids=["short", "all", "half_at_the_end", "one_bad", "nothing_but_a_half", "across_packets"])
def test_any_bytes_come_as_they_are(any_stack, data):
    code = "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())"
    events = stream(any_stack, code, stdin={"content": base64.b64encode(data).decode(), "encoding": "base64"})
    assert output(events, "stdout") == data
    assert events[-1].data["stdout_bytes"] == len(data)
    for event in (e for e in events if e.name == "stdout"):
        is_text = True
        try:
            decode(event).decode()
        except UnicodeDecodeError:
            is_text = False
        assert event.data["encoding"] == ("utf8" if is_text else "base64")


# ---- much of it -------------------------------------------------------------------------------------------------


def test_all_of_it_is_told_whatever_is_kept_otherwise(any_stack):
    n = 300000
    code = "for i in range(%d // 10): print('%%09d' %% i)" % n
    events = stream(any_stack, code, limits={"output_bytes": 1024, "cpu_percent": 100})
    result = events[-1].data
    assert output(events, "stdout") == b"".join(b"%09d\n" % i for i in range(n // 10))
    assert (result["stdout_bytes"], result["stdout_truncated"], result["stdout_omitted_at"]) == (n, False, None)
    assert "output_bytes" not in result["termination"]["limits_hit"]


def test_a_flood_ends_at_the_hard_limit(any_stack):
    code = "import os\nwhile True: os.write(1, b'x' * 65536)"
    events = stream(any_stack, code, limits={"cpu_percent": 100}, timeout=60)
    result = events[-1].data
    assert result["termination"]["reason"] == "output"
    assert len(output(events, "stdout")) == result["stdout_bytes"] > 64 << 20
    assert result["stdout_truncated"] is False


def test_a_slow_reader_makes_the_program_wait(any_stack):
    """What nobody has taken yet is bounded, and nothing of it is lost."""
    n = 24 << 20
    code = ("import os, time\nwritten = 0\nwhile written < %d:\n written += os.write(1, b'y' * 65536)\n"
            "os.write(2, b'%%f' %% time.monotonic())" % n)
    with Events(any_stack, code, receive_buffer=32768, limits={"cpu_percent": 100}, timeout=60) as events:
        events.next("stdout")
        time.sleep(1.5)
        slept = time.monotonic()
        rest = events.all()
    # The program cannot have come to its end while we slept: 24 MiB are more than all that lies between it and us.
    assert float(output(rest, "stderr")) > slept
    assert rest[-1].data["stdout_bytes"] == n
    assert rest[-1].data["termination"]["reason"] == "exited", rest[-1]


def test_a_reader_that_takes_nothing_does_not_hold_a_run_beyond_its_time(any_stack):
    code = "import os\nwhile True: os.write(1, b'z' * 65536)"
    with Events(any_stack, code, receive_buffer=4096, limits={"cpu_percent": 100, "wall_time_ms": 2000}) as events:
        events.next("stdout")
        # The slot is given back, though we do not read: seen by what the executor itself says.
        wait_until(lambda: any_stack.get("/ready").json["running"] == 0, 20, what="the end of the run")
        rest = events.all()
    result = rest[-1].data
    assert (rest[-1].name, result["termination"]["reason"]) == ("result", "wall_time")
    assert result["stdout_bytes"] < 64 << 20


def test_a_program_that_has_ended_is_not_said_to_have_run_out_of_time(any_stack):
    """It writes more than the pipes take and less than all buffers, exits at once, and is read after its time."""
    n = 600000
    with Events(any_stack, "import os\nos.write(1, b'w' * %d)" % n, receive_buffer=4096, limits={"wall_time_ms": 3000}) as events:
        first = events.next("stdout")
        time.sleep(4)
        rest = events.all()
    written = len(decode(first)) + len(output(rest, "stdout"))
    assert written == rest[-1].data["stdout_bytes"]
    if rest[-1].data["termination"]["reason"] == "exited":
        assert written == n
    else:  # it stood in its write(2), since the buffers on this machine are smaller
        assert written < n and rest[-1].data["termination"]["reason"] == "wall_time"


# ---- leaving, waiting, failing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["import time\nprint('x', flush=True)\ntime.sleep(60)",
                                  "import os\nwhile True: os.write(1, b'x' * 4096)"], ids=["quiet", "writing"])
def test_who_leaves_ends_the_run(any_stack, code):
    before = any_stack.get("/ready").json["runs_total"]
    with Events(any_stack, code, timeout=100, receive_buffer=4096) as events:
        events.next("stdout")
    wait_until(lambda: any_stack.get("/ready").json["running"] == 0, 10, what="the end of the run")
    assert any_stack.get("/ready").json["runs_total"] == before + 1
    any_stack.run("print(1)")


def test_pings_while_nothing_else_comes(stack):
    events = stream(stack, "import time\ntime.sleep(7.5)\nprint(1)", timeout=30)
    assert [e.name for e in events] == ["start", "ping", "stdout", "result"]
    assert events[1].data == {} and events[1].at < events[2].at


def test_pings_while_it_waits_for_a_slot(make_stack):
    own = make_stack(slots=1, queue=2, start="cold", native='queue_wait_ms = 30000')
    with Events(own, "import time\nprint('x', flush=True)\ntime.sleep(7.8)") as first:
        first.next("stdout")
        waiting = stream(own, "print(2)")
        first.all()
    assert [e.name for e in waiting] == ["ping", "start", "stdout", "result"]
    assert waiting[-1].data["timings"]["queue_ms"] > 5000


def test_who_leaves_the_queue_is_not_run(make_stack):
    own = make_stack(slots=1, queue=2, start="cold", native='queue_wait_ms = 30000')
    with Events(own, "import time\nprint('x', flush=True)\ntime.sleep(10)") as first:
        first.next("stdout")
        with Events(own, "print(2)"):
            wait_until(lambda: own.get("/ready").json["queued"] == 1, what="a queued run")
        wait_until(lambda: own.get("/ready").json["queued"] == 0, what="an empty queue")
        assert first.all()[-1].name == "result"


def test_what_fails_before_the_stream_has_its_status(make_stack):
    own = make_stack(slots=1, queue=0, start="cold")
    with Events(own, "import time\nprint('x', flush=True)\ntime.sleep(20)") as first:
        first.next("stdout")
        with Events(own, "print(2)") as busy:
            problem = json.loads(busy.body())
        assert (busy.status, problem["code"]) == (503, "busy") and int(busy.headers["Retry-After"]) >= 1
        assert busy.headers["Content-Type"] == "application/problem+json"


def test_what_fails_after_the_stream_began_is_an_event(make_stack):
    """The patience of the queue ends after the first ping."""
    own = make_stack(slots=1, queue=2, start="cold", native='queue_wait_ms = 8000')
    with Events(own, "import time\nprint('x', flush=True)\ntime.sleep(20)") as first:
        first.next("stdout")
        events = stream(own, "print(2)")
    assert [e.name for e in events] == ["ping", "error"]
    problem = events[-1].data
    assert (problem["code"], problem["status"], problem["retryable"], problem["instance"]) == ("busy", 503, True, "/v1/execute")
    assert re.match(r"^[0-9a-f]{32}$", problem["request_id"])


def test_an_executor_that_is_lost_is_an_event(make_stack):
    own = make_stack(start="cold")
    with Events(own, "import time\nprint('before', flush=True)\ntime.sleep(30)") as events:
        assert events.next("stdout").data["data"] == "before\n"
        os.kill(own.executor_child(), signal.SIGKILL)
        last = events.all()[-1]
    assert (last.name, last.data["code"]) == ("error", "executor_lost")


@pytest.mark.parametrize("body,status,code", [
    ({"language": "python", "code": 5}, 422, "invalid_request"), ({"language": "cobol", "code": ""}, 422, "invalid_request")])
def test_bad_input_is_answered_as_ever(stack, body, status, code):
    answer = stack.post(body, headers={"Accept": "text/event-stream"})
    assert answer.status == status and answer.problem()["code"] == code


def test_rejected_code_has_a_result_and_no_start(stack):
    events = stream(stack, "import os", validate=True)
    assert [e.name for e in events] == ["result"]
    result, whole = events[0].data, stack.run("import os", validate=True)
    assert result["status"] == "rejected" and result["success"] is False
    assert set(result) == set(whole) - TOLD
    assert result["validation"]["findings"] == whole["validation"]["findings"] and result["runtime"] == whole["runtime"]


def test_scored_code_that_is_allowed(stack):
    events = stream(stack, "print(1)", validate=True)
    assert names(events) == ["start", "stdout", "result"]
    assert events[-1].data["validation"]["decision"] == "allowed" and events[-1].data["timings"]["validate_ms"] > 0


@pytest.mark.parametrize("accept,streamed", [
    ("text/event-stream", True), ("TEXT/Event-Stream", True), ("text/event-stream, application/json;q=0.9", True),
    ("application/json;q=0.1, text/event-stream;q=0.2", True), ("text/event-stream, */*;q=0.5", True), ("*/*, text/event-stream", True),
    ("text/*", True), ("text/event-stream;q=0.5, application/json", False), ("application/json, text/event-stream", False),
    ("*/*", False), ("text/event-stream;q=0, */*", False)])
def test_accept_chooses(stack, accept, streamed):
    with Events(stack, "print(1)", accept=accept) as events:
        events.head()
        assert events.status == 200
        assert events.headers["Content-Type"] == ("text/event-stream" if streamed else "application/json")
        if streamed:
            assert events.all()[-1].name == "result"
        else:
            assert json.loads(events.body())["stdout"] == "1\n"


def test_a_connection_can_be_used_again(stack):
    """The body's end is told by chunked coding, so nginx keeps the connection."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=30)
    for accept in ("text/event-stream", "application/json", "text/event-stream"):
        connection.request("POST", "/v1/execute", json.dumps({"language": "python", "code": "print(7)"}),
                           {"Content-Type": "application/json", "Accept": accept})
        response = connection.getresponse()
        assert response.getheader("Content-Type") == accept and b"7\\n" in response.read()
    connection.close()


def test_many_at_once(any_stack):
    opened = [Events(any_stack, "import time\nfor i in range(5): print(%d, i, flush=True); time.sleep(0.1)" % n) for n in range(4)]
    for n, events in enumerate(opened):
        with events:
            got = events.all()
        assert output(got, "stdout") == b"".join(b"%d %d\n" % (n, i) for i in range(5)) and got[-1].name == "result"


def test_javascript(either_stack):
    code = "console.log('first'); setTimeout(() => console.log('second'), %d)" % (PAUSE * 1000)
    with Events(either_stack, code, language="javascript") as events:
        first, second = events.next("stdout"), events.next("stdout")
        assert events.all()[-1].data["success"] is True
    assert second.at - first.at > PAUSE / 2


def test_a_pause_that_is_another_process(make_stack):
    own = make_stack(languages=("python", "bash"), start="cold")
    with Events(own, "echo first; sleep %g; echo second" % PAUSE, language="bash") as events:
        first, second = events.next("stdout"), events.next("stdout")
        assert events.all()[-1].data["success"] is True
    assert second.at - first.at > PAUSE / 2


def test_files_come_one_by_one_behind_the_output(any_stack):
    """The same as in an answer without events, which has them in its `files`; what is left out is told with the result."""
    code = ("import os\nopen('t.csv', 'w').write('a,b')\nopen('n', 'wb').write(bytes([255]))\nos.symlink('/', 'l')\n"
            "os.write(1, b'1\\n\\xe2\\x82')")
    events, whole = stream(any_stack, code), any_stack.run(code)
    assert names(events) == ["start", "stdout", "file", "result"]
    assert [event.data for event in events if event.name == "file"] == whole["files"] and len(whole["files"]) == 2
    assert [e.data for e in events if e.name == "stdout"][-1] == {"data": "4oI=", "encoding": "base64"}
    result = events[-1].data
    assert "files" not in result and result["files_omitted"] == whole["files_omitted"] and result["files_omitted"]["count"] == 1
    assert "stdout" not in result and result["stdout_bytes"] == 4


def test_many_bytes_of_files(any_stack):
    """Of several MiB each byte arrives, though the client takes its time."""
    with Events(any_stack, "for i in range(8): open('f%d' % i, 'wb').write(bytes([i + 1]) * (1 << 20))") as events:
        first = events.next("file")
        time.sleep(0.3)
        found = [first] + [event for event in events.all() if event.name == "file"]
    contents = [base64.b64decode(f.data["content"]) if f.data["encoding"] == "base64" else f.data["content"].encode() for f in found]
    assert contents == [bytes([i + 1]) * (1 << 20) for i in range(8)]


def test_cases_are_one_result(any_stack):
    """What is compared is told with it: the whole answer; meanwhile there is a sign of life."""
    cases = [{"stdin": "3", "expected_stdout": "9\n"}, {"stdin": "2", "expected_stdout": "5\n"}]
    code = "n = int(input())\nprint(n * n)"
    events, whole = stream(any_stack, code, tests=cases), any_stack.run(code, tests=cases)
    assert names(events) == ["result"]
    assert set(events[-1].data) == set(whole)
    assert [(t["passed"], t["stdout"]) for t in events[-1].data["tests"]] == [(True, "9\n"), (False, "4\n")]


def test_pings_between_cases(stack):
    events = stream(stack, "import time\ntime.sleep(3.5)", tests=[{}, {}])
    assert [e.name for e in events] == ["ping", "result"]
    assert events[-1].data["test_summary"]["passed"] == 2


# ---- plain CGI --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cgi", [True, False], ids=["cgi", "embedded"])
def test_without_a_service(cgi):
    with Stack(executor="embedded", cgi=cgi, workers=2) as own:
        with Events(own, SLOW) as events:
            start, first = events.next(), events.next("stdout")
            rest = events.all()
        assert start.name == "start" and names(rest)[-1] == "result"
        assert [e for e in rest if e.name == "stdout"][-1].at - first.at > PAUSE / 2
        with Events(own, "import time\nprint('x', flush=True)\ntime.sleep(100)") as events:
            events.next("stdout")
            assert own.children("workers", "python")
        # fcgiwrap sees that nobody is there when it has something to pass on: the next ping.
        wait_until(lambda: not own.children("workers", "python"), 30, what="the end of a run that nobody reads")
        data = b"q" * 3000000
        events = stream(own, "print('q' * %d, end='')" % len(data), limits={"cpu_percent": 100})
        assert output(events, "stdout") == data
