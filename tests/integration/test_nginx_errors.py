"""nginx's own errors are problem documents too, with the same request id everywhere."""

import json
import os
import re
import signal
import threading
import time

import pytest

from stack import wait_until


def parse(raw):
    """(status, {header: value}, document) of one raw HTTP answer."""
    head, body = raw.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
    return int(lines[0].split()[1]), headers, json.loads(body) if body else None


def check_problem(answer, status, code):
    return answer.refusal(status, code)


def test_404_unknown_path(stack):
    doc = check_problem(stack.get("/nothing/here?x=1"), 404, "not_found")
    assert doc["instance"] == "/nothing/here"
    assert doc["retryable"] is False


def test_problem_location_is_internal(stack):
    check_problem(stack.get("/.sandgate/problem"), 404, "not_found")


@pytest.mark.parametrize("method,path,allow", [
    ("TRACE", "/v1/execute", "POST"), ("TRACE", "/v1/validate?x", "POST"), ("TRACE", "/below/v1/execute", "POST"),
    ("TRACE", "/v1/limits?/v1/execute", "GET, HEAD"), ("TRACE", "/health", "GET, HEAD"),
    ("POST", "/playground/", "GET, HEAD"), ("DELETE", "/playground/main.mjs", "GET, HEAD")])
def test_405_has_allow(stack, method, path, allow):
    answer = stack.request(method, path)
    doc = check_problem(answer, 405, "method_not_allowed")
    assert answer.headers.get_all("Allow") == [allow]
    assert doc["hint"] == "use POST for /v1/execute and /v1/validate, GET for everything else"


def test_the_hint_of_404_has_every_path(stack):
    hint = stack.get("/nothing").problem()["hint"]
    posts, gets = hint.split("POST ")[1].split(", GET ")
    told = {(method, path) for method, paths in (("POST", posts), ("GET", gets)) for path in paths.split(", ")}
    routes = stack.get("/openapi.json").json["paths"]
    assert told == {(method.upper(), path) for path, operations in routes.items() for method in operations}


@pytest.mark.parametrize("headers", [{"If-Match": '"another"'}, {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}], ids=str)
def test_412_of_a_file(stack, headers):
    answer = stack.get("/playground/main.mjs", headers=headers)
    doc = check_problem(answer, 412, "error")
    assert (doc["title"], doc["instance"], doc["retryable"]) == ("Precondition Failed", "/playground/main.mjs", False)
    assert list(headers)[0] in doc["hint"] and "ETag" not in answer.headers


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=0-0", "bytes=0-0,2-2"])
def test_a_file_comes_whole(stack, asked):
    """So none is refused with 416, which would be a page of nginx's."""
    whole = stack.get("/playground/main.mjs")
    answer = stack.get("/playground/main.mjs", headers={"Range": asked})
    assert (answer.status, answer.body) == (200, whole.body) and "Accept-Ranges" not in whole.headers
    assert answer.headers["Content-Type"] == whole.headers["Content-Type"]


def test_413_body_too_large(stack):
    answer = stack.post(b'{"code":"' + b"#" * (4 << 20) + b'"}')
    check_problem(answer, 413, "body_too_large")


def test_413_by_content_length_alone(stack):
    raw = stack.raw(b"POST /v1/execute HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                    b"Content-Length: 99999999999\r\n\r\n")
    status, headers, doc = parse(raw)
    assert (status, doc["code"], headers["content-type"]) == (413, "body_too_large", "application/problem+json")


def test_414_long_path(stack):
    check_problem(stack.get("/" + "a" * 40000), 414, "uri_too_long")


def test_431_long_header(stack):
    answer = stack.get("/health", headers={"X-Long": "a" * 40000})
    check_problem(answer, 431, "headers_too_large")


@pytest.mark.parametrize("request_line", [
    b"GARBAGE\r\n\r\n",
    b"GET  HTTP/1.1\r\n\r\n",
    b"GET /health HTTP/1.1\r\n\r\n",                                  # no Host
    b"GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"POST /v1/execute HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/execute HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n",           # TLS spoken to a plain port
])
def test_400_not_http(stack, request_line):
    raw = stack.raw(request_line, half_close=True)
    # A request without a version is HTTP/0.9: the answer has no header then.
    doc = json.loads(raw[raw.index(b"{"):])
    assert (doc["status"], doc["code"]) == (400, "bad_request"), raw


@pytest.mark.parametrize("request_line,wanted", [
    (b"GET /health HTTP/3.0\r\nHost: x\r\n\r\n", 505),
    (b"POST /v1/execute HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
])
def test_other_errors_of_http(stack, request_line, wanted):
    status, headers, doc = parse(stack.raw(request_line, half_close=True))
    assert (status, doc["status"], doc["code"], doc["retryable"]) == (wanted, wanted, "error", False)
    assert (headers["content-type"], headers["cache-control"]) == ("application/problem+json", "no-store")


@pytest.mark.parametrize("path", ["/health", "/v1/limits", "/v1/other"])
def test_headers_of_worker_answers_come_once(stack, path):
    headers = stack.get(path).headers
    for name, value in (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")):
        assert headers.get_all(name) == [value]


def test_instance_is_never_broken_json(stack):
    raw = stack.raw(b'GET /a"b\\c\x80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    status, _, doc = parse(raw)
    assert (status, doc["instance"]) == (404, "/")


def test_worker_answer_has_nginx_request_id_once(stack):
    answer = stack.post({"language": "python"}, headers={"X-Request-Id": "forged\tby-client"})
    doc = answer.problem()
    ids = answer.headers.get_all("X-Request-Id")
    assert ids == [doc["request_id"]] and "forged" not in ids[0]
    wait_until(lambda: ids[0] in stack.log("access"), what="the log's line")


def test_408_body_too_slow(stack):
    """A body that stops coming: no run, the connection is closed, 408 in the access log."""
    with stack.connect() as s:
        s.sendall(b"POST /v1/execute?slow-body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  b"Content-Length: 1000\r\n\r\n{\"code\":")
        begin = time.monotonic()
        while s.recv(4096):
            pass
    assert 8 < time.monotonic() - begin < 30
    line = wait_until(lambda: re.search(r'"POST /v1/execute\?slow-body [^"]*" (\d+)', stack.log("access")))
    assert line.group(1) == "408"


def test_client_breaks_off_body(stack):
    """A client that leaves in the middle of its body: no run."""
    runs = stack.log("workers")
    with stack.connect() as s:
        s.sendall(b"POST /v1/execute?broken-off HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  b"Content-Length: 1000\r\n\r\n{\"code\":")
    line = wait_until(lambda: re.search(r'"POST /v1/execute\?broken-off [^"]*" (\d+)', stack.log("access")))
    assert line.group(1) in ("400", "499")
    assert stack.log("workers") == runs


LIMITED = """
location = /limited { limit_req zone=one; include /etc/sandgate/nginx/sandgate-fastcgi.conf; fastcgi_pass sandgate_status; }
location = /closed { deny all; }
location = /login { auth_basic "x"; auth_basic_user_file /dev/null; try_files /x =404; }
location = /impatient { rewrite ^ /v1/execute break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_read_timeout 1s; fastcgi_pass sandgate_workers; }
location = /shut { return 503; }
location = /broken { return 500; }
location = /lengthless { return 411; }
"""


@pytest.fixture(scope="module")
def guarded():
    from stack import ROOT, Stack
    with Stack(executor="root" if ROOT else "rootless", http="limit_req_zone $binary_remote_addr zone=one:1m rate=1r/m;",
               server=LIMITED) as one:
        yield one


def test_429_has_retry_after(guarded):
    answers = [guarded.get("/limited") for _ in range(3)]
    check_problem(answers[-1], 429, "too_many_requests")
    assert int(answers[-1].headers["Retry-After"]) >= 1


@pytest.mark.parametrize("path,status,code", [
    ("/closed", 403, "forbidden"), ("/login", 401, "unauthorized"), ("/shut", 503, "unavailable"),
    ("/broken", 500, "internal"), ("/lengthless", 411, "length_required"),
])
def test_refused_by_nginx(guarded, path, status, code):
    answer = guarded.get(path)
    doc = check_problem(answer, status, code)
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert doc["retryable"] is (status == 503)


def test_504_worker_too_slow_and_run_is_cancelled(guarded):
    answer = guarded.post({"language": "python", "validate": False, "code": "import time; time.sleep(60)"},
                          path="/impatient")
    doc = check_problem(answer, 504, "worker_timeout")
    assert doc["instance"] == "/impatient"
    wait_until(lambda: not guarded.box_pids(), 10, what="the run's end after nginx gave up")


def test_502_no_worker(make_stack):
    one = make_stack()
    one.stop_process("workers")
    answer = one.post({"language": "python", "validate": False, "code": ""})
    check_problem(answer, 502, "worker_unreachable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert one.get("/health").status == 200


def test_502_worker_killed_in_the_middle(make_stack):
    """SIGKILL of every worker during a run: 502, the run is gone long before its own end, the next request works."""
    one = make_stack(workers=3)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(
        one.post({"language": "python", "validate": False, "code": "import time; time.sleep(60)"})))
    thread.start()
    wait_until(one.box_pids, what="the run's start")
    for pid in one.worker_pids():
        os.kill(pid, signal.SIGKILL)
    thread.join(10)
    check_problem(answers[0], 502, "worker_unreachable")
    wait_until(lambda: not one.box_pids(), 10, what="the run's end")
    assert one.run("print(2)")["stdout"] == "2\n"


def test_status_answers_while_all_workers_are_busy(make_stack):
    one = make_stack(slots=2, queue=0, workers=2)
    busy = [one.begin("import time; time.sleep(30)") for _ in range(2)]
    wait_until(lambda: len(one.box_pids()) >= 2, what="both runs")
    for path in ("/health", "/version", "/v1/limits", "/v1/runtimes"):
        begin = time.monotonic()
        assert one.get(path).status == 200, path
        assert time.monotonic() - begin < 10, path
    for s in busy:
        s.close()
    wait_until(lambda: not one.box_pids(), 10, what="the cancelled runs' end")
