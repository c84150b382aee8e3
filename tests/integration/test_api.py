"""The HTTP contract through the real nginx: every bad input with its status, pointer and text; what HTTP says
about methods and types; what a good request is answered with."""

import base64
import gzip
import json
import re
import urllib.parse

import pytest

from stack import wait_until

GOOD = {"language": "python", "code": "print('never run')", "validate": False}


def good(**more):
    return json.dumps({**GOOD, **more})


def files(*paths):
    return good(files=[{"path": p, "content": ""} for p in paths])


# name, body, status, code, pointer, part of the text
BAD = [
    ("empty", "", 400, "malformed_json", "", "is missing; allowed: an object"),
    ("not json", "print(1)", 400, "malformed_json", "", "invalid token"),
    ("form", "code=print(1)", 400, "malformed_json", "", "invalid token"),
    ("cut short", good(args=["a", "b"])[:-3], 400, "malformed_json", "/args/1", "premature end"),
    ("cut in a string", '{"code":"print(', 400, "malformed_json", "/code", "premature end"),
    ("two documents", good() + good(), 400, "malformed_json", "", "end of file expected"),
    ("nan", good()[:-1] + ',"timeout":NaN}', 400, "malformed_json", "/timeout", "invalid token"),
    ("minus infinity", good()[:-1] + ',"timeout":-Infinity}', 400, "malformed_json", "/timeout", "invalid token"),
    ("invalid utf-8", b'{"code":"\xff"}', 400, "malformed_json", "/code", "not UTF-8"),
    ("overlong utf-8", b'{"code":"\xc0\xaf"}', 400, "malformed_json", "/code", "not UTF-8"),
    ("utf-8 surrogate", b'{"code":"\xed\xa0\x80"}', 400, "malformed_json", "/code", "not UTF-8"),
    ("utf-16", good().encode("utf-16"), 400, "malformed_json", "", "not UTF-8"),
    ("byte order mark", b"\xef\xbb\xbf" + good().encode(), 400, "malformed_json", "", "begins with a byte order mark; allowed: "),
    ("byte order mark alone", b"\xef\xbb\xbf", 400, "malformed_json", "", "begins with a byte order mark"),
    ("escaped surrogate", '{"code":"\\ud800"}', 400, "malformed_json", "/code", "Unicode"),
    ("duplicate key", '{"language":"python","language":"node"}', 400, "malformed_json", "/language",
     "is there twice; allowed: once"),
    ("duplicate key inside", good()[:-1] + ',"limits":{"processes":1,"processes":2}}', 400, "malformed_json",
     "/limits/processes", "is there twice"),
    ("nul in a key", '{"a\\u0000":1}', 400, "malformed_json", "/a", "NUL"),
    ("nesting 10000", '{"args":' + "[" * 10000 + "]" * 10000 + "}", 422, "json_too_complex", "/args" + "/0" * 31,
     "is nested too deeply; allowed: 32 levels"),
    ("100000 items", good(args=["x"] * 100000), 422, "json_too_complex", "/args/9994",
     "is one value too many; allowed: 10000 in all"),
    ("array", "[]", 422, "invalid_request", "", "is an array; allowed: an object"),
    ("string", '"x"', 422, "invalid_request", "", "is a string; allowed: an object"),
    ("huge integer", good(limits={"memory_bytes": 10**30}), 422, "invalid_request", "/limits/memory_bytes",
     "is a number that is too large"),
    ("huge real", good()[:-1] + ',"timeout":1e999}', 422, "invalid_request", "/timeout", "too large"),
    ("unknown key", good(foo=1), 422, "invalid_request", "/foo", "is not a known field; allowed: language,"),
    ("unknown key escaped", good(**{"a/b~": 1}), 422, "invalid_request", "/a~1b~0", "is not a known field"),
    ("no language", '{"code":"","validate":false}', 422, "invalid_request", "/language",
     "is missing; allowed: javascript, js, node, nodejs, node-js, python, python3, py"),
    ("unknown language", good(language="cobol"), 422, "invalid_request", "/language",
     '"cobol" is not a known language; allowed: javascript, js, node, nodejs, node-js, python, python3, py'),
    ("language type", good(language=["python"]), 422, "invalid_request", "/language",
     "is an array; allowed: a string"),
    ("nul in language", good(language="python\0"), 422, "invalid_request", "/language", "NUL"),
    ("unknown version", good(version="2.7"), 422, "unknown_runtime", "/version", "2.7"),
    ("version type", good(version=3), 422, "invalid_request", "/version", "is a number; allowed: a string"),
    ("no code", '{"language":"python","validate":false}', 422, "invalid_request", "/code",
     "is missing; allowed: the program as `code`, or `files`"),
    ("code type", good(code={"a": 1}), 422, "invalid_request", "/code", "is an object; allowed: a string"),
    ("nul in code", good(code="print(1)\0"), 422, "invalid_request", "/code", "holds a NUL character"),
    ("files type", good(files="a"), 422, "invalid_request", "/files", "is a string; allowed: an array"),
    ("file type", good(files=[1]), 422, "invalid_request", "/files/0", "is a number; allowed: an object"),
    ("file key", good(files=[{"path": "a", "content": "", "mode": 7}]), 422, "invalid_request", "/files/0/mode",
     "is not a known field; allowed: path, content, encoding"),
    ("file encoding", good(files=[{"path": "a", "content": "", "encoding": "latin1"}]), 422, "invalid_request",
     "/files/0/encoding", "allowed: utf8, base64"),
    ("file base64", good(files=[{"path": "a", "content": "!", "encoding": "base64"}]), 422, "invalid_request",
     "/files/0/content", "is not base64"),
    ("65 files", files(*["f%d" % i for i in range(64)]), 422, "invalid_request", "/files",
     "has 64 items; allowed: at most 63"),
    ("path up", files("../a"), 422, "invalid_request", "/files/0/path", '".."'),
    ("path up inside", files("ok", "a/../../b"), 422, "invalid_request", "/files/1/path", '".."'),
    ("path dot", files("./a"), 422, "invalid_request", "/files/0/path", '"."'),
    ("path absolute", files("/etc/passwd"), 422, "invalid_request", "/files/0/path", "is absolute"),
    ("path empty", files(""), 422, "invalid_request", "/files/0/path", "is empty"),
    ("path empty part", files("a//b"), 422, "invalid_request", "/files/0/path", "empty component"),
    ("path slash at its end", files("a/"), 422, "invalid_request", "/files/0/path", "empty component"),
    ("path newline", files("a\nb"), 422, "invalid_request", "/files/0/path", "control character"),
    ("path escape", files("a\x1b[0m"), 422, "invalid_request", "/files/0/path", "control character"),
    ("path nul", files("a\0b"), 422, "invalid_request", "/files/0/path", "NUL"),
    ("path long", files("a" * 256), 422, "invalid_request", "/files/0/path", "has 256 bytes; allowed: at most 255"),
    ("path deep", files("a/" * 8 + "b"), 422, "invalid_request", "/files/0/path", ""),
    ("path twice", files("a", "a"), 422, "invalid_request", "/files/1/path", "is there twice"),
    ("path of the entry", files("main.py"), 422, "invalid_request", "/files/0/path",
     "is the name that `code` gets (main.py)"),
    ("path under a file", files("a", "a/b"), 422, "invalid_request", "/files/1/path", 'clashes with "a"'),
    ("path over a file", files("a/b/c", "a/b"), 422, "invalid_request", "/files/1/path", 'clashes with "a/b/c"'),
    ("stdin type", good(stdin=5), 422, "invalid_request", "/stdin", "is a number; allowed: a string"),
    ("stdin key", good(stdin={"content": "", "x": 1}), 422, "invalid_request", "/stdin/x", "is not a known field"),
    ("args type", good(args={"a": 1}), 422, "invalid_request", "/args", "is an object; allowed: an array"),
    ("arg type", good(args=["a", None]), 422, "invalid_request", "/args/1", "is null; allowed: a string"),
    ("nul in arg", good(args=["a\0"]), 422, "invalid_request", "/args/0", "NUL"),
    ("257 args", good(args=["a"] * 257), 422, "invalid_request", "/args", "has 257 items; allowed: at most 256"),
    ("arg long", good(args=["a" * 65537]), 422, "invalid_request", "/args/0", "allowed: at most 65536"),
    ("args together", good(args=["a" * 65536] * 5), 422, "invalid_request", "/args/3", "allowed: 262144 bytes"),
    ("env type", good(env=["A=1"]), 422, "invalid_request", "/env", "is an array; allowed: an object"),
    ("env value", good(env={"A": True}), 422, "invalid_request", "/env/A", "is a boolean; allowed: a string"),
    ("env preload", good(env={"LD_PRELOAD": "/tmp/a.so"}), 422, "invalid_request", "/env/LD_PRELOAD", "load code"),
    ("env audit", good(env={"LD_AUDIT": "x"}), 422, "invalid_request", "/env/LD_AUDIT", "load code"),
    ("env startup", good(env={"PYTHONSTARTUP": "x"}), 422, "invalid_request", "/env/PYTHONSTARTUP", "load code"),
    ("env path", good(env={"PYTHONPATH": "/tmp"}), 422, "invalid_request", "/env/PYTHONPATH", "load code"),
    ("env node", good(env={"NODE_OPTIONS": "-r x"}), 422, "invalid_request", "/env/NODE_OPTIONS", "load code"),
    ("env name", good(env={"A=B": "x"}), 422, "invalid_request", "/env/A=B", "letters, digits and _"),
    ("env empty name", good(env={"": "x"}), 422, "invalid_request", "/env/", "letters, digits and _"),
    ("env nul", good(env={"A": "\0"}), 422, "invalid_request", "/env/A", "NUL"),
    ("65 env", good(env={"A%d" % i: "" for i in range(65)}), 422, "invalid_request", "/env",
     "has 65 items; allowed: at most 64"),
    ("limits type", good(limits=1), 422, "invalid_request", "/limits", "is a number; allowed: an object"),
    ("limits key", good(limits={"memory": 1}), 422, "invalid_request", "/limits/memory",
     "is not a known field; allowed: wall_time_ms,"),
    ("limit type", good(limits={"processes": "9"}), 422, "invalid_request", "/limits/processes",
     "is a string; allowed: a whole number"),
    ("limit fraction", good(limits={"processes": 2.5}), 422, "invalid_request", "/limits/processes",
     "is not a whole number"),
    ("limit zero", good(limits={"memory_bytes": 0}), 422, "invalid_request", "/limits/memory_bytes", "is 0; allowed"),
    ("limit negative", good(limits={"processes": -1}), 422, "invalid_request", "/limits/processes", "is -1; allowed"),
    ("memory over", good(limits={"memory_bytes": 2**31 + 1}), 422, "invalid_request", "/limits/memory_bytes",
     "to 2147483648 (bytes)"),
    ("processes over", good(limits={"processes": 257}), 422, "invalid_request", "/limits/processes",
     "is 257; allowed: 1 to 256 (count)"),
    ("output over", good(limits={"output_bytes": 2**23 + 1}), 422, "invalid_request", "/limits/output_bytes",
     "to 8388608 (bytes)"),
    ("cpu over", good(limits={"cpu_percent": 101}), 422, "invalid_request", "/limits/cpu_percent",
     "is 101; allowed: 1 to 100 (percent)"),
    ("wall over", good(limits={"wall_time_ms": 120001}), 422, "invalid_request", "/limits/wall_time_ms",
     "to 120000 (ms)"),
    ("timeout over", good(timeout=120.5), 422, "invalid_request", "/timeout", "is 120.5; allowed:"),
    ("timeout a little over", good(timeout=120.00001), 422, "invalid_request", "/timeout", "is 120.00001; allowed: 0.01 to 120 (seconds)"),
    ("timeout zero", good(timeout=0), 422, "invalid_request", "/timeout", "is 0; allowed:"),
    ("timeout type", good(timeout="30"), 422, "invalid_request", "/timeout", "is a string; allowed: a number"),
    ("timeout twice", good(timeout=1, limits={"wall_time_ms": 1000}), 422, "invalid_request", "/timeout",
     "says the same as limits.wall_time_ms"),
    ("merge type", good(merge_stderr="yes"), 422, "invalid_request", "/merge_stderr", "is a string; allowed: true"),
    ("id type", good(id=5), 422, "invalid_request", "/id", "is a number; allowed: a string"),
    ("id blank", good(id="a b"), 422, "invalid_request", "/id", "is not a word"),
    ("id umlaut", good(id="\u00e4"), 422, "invalid_request", "/id", "is not a word"),
    ("id long", good(id="a" * 65), 422, "invalid_request", "/id", "has 65 bytes; allowed: at most 64"),
    ("validate type", good(validate="false"), 422, "invalid_request", "/validate", "is a string; allowed: true"),
    ("validate null", good(validate=None), 422, "invalid_request", "/validate", "is null; allowed: true or false"),
]


@pytest.mark.parametrize("body,status,code,pointer,text", [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input(stack, body, status, code, pointer, text):
    runs = stack.get("/ready").json["runs_total"]
    answer = stack.post(body)
    doc = answer.problem()
    assert (answer.status, doc["code"]) == (status, code), doc
    assert doc["errors"][0]["pointer"] == pointer, doc
    assert text in doc["errors"][0]["detail"], doc
    assert doc["type"] == "urn:sandgate:problem:" + code
    assert doc["retryable"] is False and doc["instance"] == "/v1/execute"
    assert stack.get("/ready").json["runs_total"] == runs  # nothing was run


def test_all_mistakes_at_once(stack):
    doc = stack.post({"language": 1, "args": [1], "timeout": [], "x": 0}).problem()
    assert [e["pointer"] for e in doc["errors"]] == ["/x", "/language", "/code", "/args/0", "/timeout"]
    assert doc["detail"] == "5 fields are invalid"


def test_malformed_json_tells_where(stack):
    doc = stack.post('{"language": "python",\n "code": x}').problem()
    assert doc["detail"].startswith("line 2, column"), doc


@pytest.mark.parametrize("method,path,allow", [
    ("GET", "/v1/execute", "POST"), ("PUT", "/v1/execute", "POST"), ("DELETE", "/v1/execute", "POST"),
    ("PATCH", "/v1/execute", "POST"), ("OPTIONS", "/v1/execute", "POST"),
    ("POST", "/v1/runtimes", "GET, HEAD"), ("POST", "/v1/limits", "GET, HEAD"), ("PUT", "/health", "GET, HEAD"),
    ("DELETE", "/ready", "GET, HEAD"), ("POST", "/version", "GET, HEAD"), ("BREW", "/health", "GET, HEAD"),
])
def test_wrong_method(stack, method, path, allow):
    answer = stack.request(method, path)
    assert answer.problem()["code"] == "method_not_allowed"
    assert (answer.status, answer.headers["Allow"]) == (405, allow)


@pytest.mark.parametrize("path", ["/v1/execute/", "/v1/Execute", "/v1/Validate", "/v1", "/v1/", "/v1/execute/x"])
def test_unknown_path(stack, path):
    answer = stack.post(good(), path=path)
    assert answer.problem()["code"] == "not_found"


@pytest.mark.parametrize("path", ["/v1/runtimes", "/v1/limits", "/health", "/ready", "/version", "/openapi.json"])
def test_head(stack, path):
    answer = stack.request("HEAD", path)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Type"] == "application/json"


def test_head_has_no_body_for_problems(stack):
    answer = stack.request("HEAD", "/v1/execute")
    assert (answer.status, answer.body) == (405, b"")


@pytest.mark.parametrize("content_type,status", [
    ("application/json", 200), ("application/json; charset=utf-8", 200), ("Application/JSON;charset=UTF-8", 200),
    ("application/json; charset=latin1", 415), ("application/json; version=2", 415), ("application/x-www-form-urlencoded", 415), ("text/plain", 415),
    ("application/problem+json", 415), ("", 415), ("application/json-patch+json", 415),
])
def test_content_type(stack, content_type, status):
    answer = stack.post(good(code=""), headers={"Content-Type": content_type})
    assert answer.status == status, answer
    if status != 200:
        assert answer.problem()["code"] == "unsupported_media_type"


@pytest.mark.parametrize("coding,status", [("gzip", 415), ("GZIP", 415), ("br, gzip", 415), ("identity, gzip", 415), ("utf-8", 415),
                                           ("identity", 200), ("Identity", 200), ("", 200)])
@pytest.mark.parametrize("path", ["/v1/execute", "/v1/validate"])
def test_content_encoding(stack, path, coding, status):
    """Of a packed body the reason is told, and which coding is taken (RFC 9110, 12.5.3 and 15.5.16)."""
    body = json.dumps({"language": "python", "code": ""}).encode()
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    answer = stack.request("POST", path, gzip.compress(body) if "gzip" in coding.lower() else body, headers)
    assert (answer.status, answer.headers.get("Accept-Encoding")) == (status, "identity" if status == 415 else None), answer
    if status == 415:
        doc = answer.problem()
        assert doc["code"] == "unsupported_media_type" and doc["detail"] == 'Content-Encoding is "%s"; allowed: none' % coding, doc
        assert "without Content-Encoding" in doc["hint"], doc


def test_a_415_for_its_type_says_nothing_of_codings(stack):
    """Who is told of one would take it for the reason (RFC 9110, 15.5.16)."""
    assert "Accept-Encoding" not in stack.post(good(), headers={"Content-Type": "text/plain", "Content-Encoding": "gzip"}).headers


@pytest.mark.parametrize("accept,status", [
    ("*/*", 200), ("application/json", 200), ("text/html, application/*;q=0.5", 200), ("text/html", 406),
    ("application/json;q=0", 406), ("text/event-stream;q=0", 406), ("text/event-streams", 406),
])
def test_accept(stack, accept, status):
    answer = stack.post(good(code=""), headers={"Accept": accept})
    assert answer.status == status, answer
    if status != 200:
        assert answer.problem()["code"] == "not_acceptable"


def test_what_could_be_accepted_is_told(stack):
    doc = stack.get("/health", headers={"Accept": "text/html"}).problem()
    assert doc["detail"] == "Accept leaves out application/json"
    doc = stack.post(good(), headers={"Accept": "text/html"}).problem()
    assert doc["detail"] == "Accept leaves out application/json and text/event-stream"


MANY = ", ".join("application/vnd.example.of-a-long-name.v%d+json" % n for n in range(1, 10))


@pytest.mark.parametrize("last,status", [("application/json", 200), ("application/json;q=0", 406), ("*/*;" + "x" * 4000 + ";q=0.1", 200),
                                         (" " * 7000 + "application/json", 200), (" " * 7000 + "application/json;q=0.0", 406)],
                         ids=["tenth", "q=0", "behind a parameter", "behind blanks", "q=0 behind blanks"])
def test_a_long_accept_is_looked_at_to_its_end(stack, last, status):
    answer = stack.get("/health", headers={"Accept": MANY + ", " + last})
    assert answer.status == status, answer


def test_a_q_is_not_cut(stack):
    """"Not that" once meant "that" where the header was longer than the worker's room for it, 255 bytes."""
    for n in range(250, 260):
        accept = "text/html;x=".ljust(n - len(",application/json"), "x") + ",application/json;q=0.0"
        assert stack.get("/health", headers={"Accept": accept}).status == 406, n


@pytest.mark.parametrize("path", ["/v1/" + "long/" * 24 + "wxyz", "/v1/" + "long/" * 500, "/v1/\u00e4"], ids=["128", "2504", "umlaut"])
def test_a_problem_names_the_path_however_long(stack, path):
    doc = stack.get(urllib.parse.quote(path)).problem()
    assert (doc["code"], doc["instance"]) == ("not_found", path)


def test_a_long_path_is_no_other_one(stack):
    for path in ("/health" + "/" * 200 + "x", "/v1/execute" + "x" * 200, "/v1/limits" + "%00" * 60):
        assert stack.get(path).status in (400, 404), path


def test_length_required(stack):
    raw = stack.raw(b"POST /v1/execute HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 411 "), raw
    assert b'"code":"length_required"' in raw


def test_chunked_body(stack):
    """nginx puts the chunks together and tells the length."""
    body = good(code="print('chunks')").encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 7]), body[i:i + 7]) for i in range(0, len(body), 7))
    raw = stack.raw(b"POST /v1/execute HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                    b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 200 ") and b"chunks\\n" in raw, raw


def test_headers_of_an_answer(stack):
    answer = stack.post(good(code=""))
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert re.fullmatch(r"start;desc=(cold|ahead|warm), queue;dur=[0-9.]+, setup;dur=[0-9.]+, run;dur=[0-9.]+, collect;dur=[0-9.]+",
                        answer.headers["Server-Timing"])


def test_whole_answer(stack):
    doc = stack.run("import sys\nprint('out')\nprint('err', file=sys.stderr)\nsys.exit(3)", id="my-id_1")
    assert doc["id"] == "my-id_1"
    assert (doc["status"], doc["success"], doc["exit_code"], doc["signal"]) == ("failed", False, 3, None)
    assert (doc["stdout"], doc["stderr"]) == ("out\n", "err\n")
    assert doc["error"] == "The program ended with exit code 3."
    assert doc["termination"]["reason"] == "exited"
    assert doc["denied_syscalls"] is None and doc["engine"] == "native"
    assert doc["runtime"]["language"] == "python" and re.fullmatch(r"3\.\d+\.\d+", doc["runtime"]["version"])
    usage = doc["resource_usage"]
    assert usage["execution_time"] > 0 and usage["wall_time_ms"] > 0
    assert (usage["network_rx_bytes"], usage["network_tx_bytes"]) == (0, 0)
    assert doc["timings"]["start"] in ("cold", "ahead", "warm") and doc["timings"]["validate_ms"] is None
    assert doc["timings"]["setup_ms"] >= 0 and doc["timings"]["run_ms"] > 0  # 0: a program that waited
    assert doc["risk_score"] is None and doc["validation"]["decision"] == "skipped"
    assert doc["compile"] is None and doc["tests"] is None and doc["test_summary"] is None
    assert doc["files"] == [] and doc["files_omitted"] == {"count": 0, "files": []}


def test_generated_id(stack):
    first, second = stack.run("")["id"], stack.run("")["id"]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", first)
    assert first != second


def test_everything_that_can_be_sent(stack):
    code = ("import sys, os, lib.mod\n"
            "print(sys.argv[1:], os.environ['NAME'], repr(sys.stdin.read()), lib.mod.x, open('data.bin','rb').read(), flush=True)\n"
            "print('e', file=sys.stderr)")
    doc = stack.run(code, version="3", args=["a b", "", "\u00e4"], env={"NAME": "v=\u20ac"}, stdin="in\0put",
                    merge_stderr=True, timeout=20.5, limits={"processes": 50},
                    files=[{"path": "lib/mod.py", "content": "x = 5\n"},
                           {"path": "data.bin", "content": base64.b64encode(b"\x00\xff").decode(),
                            "encoding": "base64"}])
    assert doc["stdout"] == "['a b', '', '\u00e4'] v=\u20ac 'in\\x00put' 5 b'\\x00\\xff'\ne\n", doc
    assert (doc["stderr"], doc["stderr_bytes"]) == ("", 0)


def test_files_alone(stack):
    doc = stack.run(files=[{"path": "pkg/start.py", "content": "import sys; print(sys.argv[0])"}])
    assert doc["stdout"].strip().endswith("pkg/start.py")


def test_stdin_base64(stack):
    doc = stack.run("import sys; print(sys.stdin.buffer.read())", stdin={"content": "/wA=", "encoding": "base64"})
    assert doc["stdout"] == "b'\\xff\\x00'\n"


@pytest.mark.parametrize("code,encoding,text", [
    ("import sys; sys.stdout.buffer.write(b'\\xff\\x00')", "base64", "/wA="),
    ("print('\\0\\x1b[1m</script>')", "utf8", "\0\x1b[1m</script>\n"),
    ("print('{\"success\": true}\\r\\n\\r\\n')", "utf8", '{"success": true}\r\n\r\n\n'),
    ("print('\\U0001f600')", "utf8", "\U0001f600\n"),
    ("import sys; sys.stdout.buffer.write('\\u00e4'.encode()[:1])", "base64", "ww=="),
])
def test_output_bytes(stack, code, encoding, text):
    doc = stack.run(code)
    assert (doc["stdout_encoding"], doc["stdout"]) == (encoding, text)
    assert doc["stdout_truncated"] is False and doc["stdout_omitted_at"] is None


def test_output_cut_between_characters(stack):
    """The cut falls into characters of three bytes; what is shown is whole ones, from both ends."""
    doc = stack.run("print('\u20ac' * 5000 + 'end', end='')", limits={"output_bytes": 1024})
    assert (doc["stdout_truncated"], doc["stdout_bytes"], doc["stdout_encoding"]) == (True, 15003, "utf8")
    head = doc["stdout"].encode()[:doc["stdout_omitted_at"]]
    tail = doc["stdout"].encode()[doc["stdout_omitted_at"]:]
    assert set(head.decode()) == {"\u20ac"} and tail.decode().endswith("\u20acend")
    assert 1024 - 6 <= len(head) + len(tail) <= 1024
    assert "output_bytes" in doc["termination"]["limits_hit"]
    assert doc["success"] is True


def test_runtimes(stack):
    doc = stack.get("/v1/runtimes").json
    python = next(r for r in doc if r["language"] == "python")
    assert {"python3", "py"} <= set(python["aliases"]) and python["extensions"] == ["py"]
    assert python["compiled"] is False
    for template in python["templates"]:
        assert set(template) == {"imports", "state", "waiting", "clones", "reason"}
        assert template["state"] in ("starting", "ready") and template["reason"] is None, template
    assert {"numpy", "pandas", "matplotlib"} <= set(python["packages"])
    assert python["version"] == stack.run("import platform; print(platform.python_version())")["stdout"].strip()


def test_limits(stack):
    limits = stack.get("/v1/limits").json["limits"]
    assert list(limits) == ["wall_time_ms", "cpu_time_ms", "memory_bytes", "processes", "output_bytes", "file_bytes",
                            "cpu_percent"]
    assert limits["wall_time_ms"]["default"] == 30000 and limits["wall_time_ms"]["maximum"] == 120000
    assert limits["memory_bytes"]["default"] == 512 << 20 and limits["memory_bytes"]["unit"] == "bytes"
    for name, limit in limits.items():  # what is told is what holds
        assert limit["minimum"] <= limit["default"] <= limit["maximum"]
        doc = stack.post(good(limits={name: limit["maximum"] + 1})).problem()
        assert doc["errors"][0]["pointer"] == "/limits/" + name


def test_each_limit_at_its_maximum_is_taken(stack):
    limits = stack.get("/v1/limits").json["limits"]
    assert stack.run("print(1)", limits={n: v["maximum"] for n, v in limits.items()})["stdout"] == "1\n"


def test_health_ready_version(stack):
    assert stack.get("/health").json == {"status": "ok"}
    ready = stack.get("/ready").json
    assert ready["ready"] is True and ready["slots"] == 4 and ready["runtimes"] >= 1
    assert ready["degraded"] is None
    version = stack.get("/version").json
    assert version["name"] == "sandgate" and version["build"]["transport"] == "fcgi"


def test_log_has_one_line_per_request_and_no_source(stack):
    secret = "s3cret_%s" % "source"
    doc = stack.run("print('%s')" % secret, id="log-me-1", stdin=secret, args=[secret], env={"A": secret})
    assert secret in doc["stdout"]
    stack.post(good(code=secret, foo=secret))
    lines = wait_until(lambda: [line for line in stack.log("workers").splitlines() if "job=log-me-1" in line])
    assert len(lines) == 1
    assert re.search(r"request=[0-9a-f]{32} job=log-me-1 client=127\.0\.0\.1 POST /v1/execute status=200 "
                     r"outcome=exited risk=- ms=[0-9.]+ in=\d+ out=\d+$", lines[0]), lines[0]
    assert secret not in stack.log("workers") and secret not in stack.log("executor")


def test_a_path_cannot_imitate_fields_of_the_log(stack):
    assert stack.get("/v1/forged%20status=200%20outcome=exited").status == 404
    line = wait_until(lambda: next((line for line in stack.log("workers").splitlines() if "/v1/forged" in line), None))
    assert re.findall(r"(?:^| )(\w+)=", line) == ["request", "job", "client", "status", "outcome", "risk", "ms", "in", "out"], line
    assert " GET /v1/forged_status_200_outcome_exited status=404 outcome=not_found " in line


LOCATIONS = """
location = /tight { rewrite ^ /v1/execute break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_param SANDGATE_MAX_WALL_TIME_MS 2000; fastcgi_param SANDGATE_MAX_MEMORY_BYTES 134217728;
    fastcgi_pass sandgate_workers; }
location = /tight-limits { rewrite ^ /v1/limits break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_param SANDGATE_MAX_WALL_TIME_MS 2000; fastcgi_param SANDGATE_MAX_PROCESSES 9999999;
    fastcgi_pass sandgate_status; }
location = /other-language { rewrite ^ /v1/execute break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_param SANDGATE_LANGUAGES node; fastcgi_pass sandgate_workers; }
location = /must-validate { rewrite ^ /v1/execute break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_param SANDGATE_VALIDATE required; fastcgi_pass sandgate_workers; }
location = /large { rewrite ^ /v1/execute break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    client_max_body_size 16m; fastcgi_pass sandgate_workers; }
location = /forged-client { rewrite ^ /v1/execute break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_param SANDGATE_CLIENT "x status=200"; fastcgi_pass sandgate_workers; }
location = /wrong { rewrite ^ /v1/execute break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_param SANDGATE_MAX_PROCESSES many; fastcgi_pass sandgate_workers; }
"""


@pytest.fixture(scope="module")
def located():
    from stack import ROOT, Stack
    with Stack(executor="root" if ROOT else "rootless", server=LOCATIONS, worker="body_bytes = 100000") as one:
        yield one


def test_location_lowers_default_and_maximum(located):
    doc = located.post(good(code="while True: pass"), path="/tight").json
    assert (doc["termination"]["reason"], doc["termination"]["limit"]) == ("wall_time", 2000)
    doc = located.post(good(timeout=3), path="/tight").problem()
    assert doc["errors"][0] == {"pointer": "/timeout", "detail": "is 3; allowed: 0.01 to 2 (seconds)"}
    doc = located.post(good(limits={"memory_bytes": 134217729}), path="/tight").problem()
    assert doc["errors"][0]["pointer"] == "/limits/memory_bytes"
    limits = located.get("/tight-limits").json["limits"]
    assert (limits["wall_time_ms"]["default"], limits["wall_time_ms"]["maximum"]) == (2000, 2000)
    assert limits["processes"]["maximum"] == 256  # never raised


def test_location_languages(located):
    doc = located.post(good(), path="/other-language").problem()
    assert (doc["code"], doc["errors"][0]["pointer"]) == ("invalid_request", "/language")


def test_location_requires_validation(located):
    doc = located.post(good(), path="/must-validate").problem()
    assert (doc["status"], doc["code"]) == (422, "validation_required")


def test_location_that_is_wrong_fails_closed(located):
    doc = located.post(good(), path="/wrong").problem()
    assert (doc["status"], doc["code"]) == (500, "internal")
    assert "many" not in doc["detail"] and "SANDGATE_MAX_PROCESSES" in located.log("workers")


def test_a_client_cannot_imitate_fields_of_the_log(located):
    """$remote_user, which an operator may name here, is what the client calls itself."""
    located.post(good(id="client=me"), path="/forged-client")
    for name, fields in (("workers", " job=client_me client=x_status_200 POST /v1/execute status=200 "),
                         ("executor", " id=client_me client=x_status_200 ")):
        wait_until(lambda: fields in located.log(name), what=fields)  # a line is written after its answer


def test_body_larger_than_the_worker_takes(located):
    """worker.body_bytes is smaller than nginx's client_max_body_size here: the worker refuses."""
    doc = located.post(good(code="#" * 100001)).problem()
    assert (doc["status"], doc["code"]) == (413, "body_too_large")
    assert "allowed: at most 100000" in doc["detail"]


def test_job_larger_than_one_message(make_stack):
    """worker.body_bytes at its maximum: files that are each within bounds can be too much together."""
    one = make_stack(server=LOCATIONS, worker="body_bytes = 16m")
    contents = [{"path": "f%d" % i, "content": "x" * (2 << 20)} for i in range(5)]
    doc = one.post(good(files=contents), path="/large").problem()
    size = 16 + 8 + len("main.py") + len(GOOD["code"]) + 5 * (8 + 2 + (2 << 20))
    assert (doc["status"], doc["code"], doc["retryable"]) == (422, "invalid_request", False)
    assert doc["errors"] == [{"pointer": "/files", "detail": "make %d bytes with their paths, code, args and env; "
                              "allowed: at most %d together" % (size, 8 << 20)}]
    answer = one.post(good(code="import os; print(os.path.getsize('f2'))", files=contents[:3]), path="/large")
    assert answer.json["stdout"] == "2097152\n"


def test_operator_requires_validation(make_stack):
    one = make_stack(worker="allow_unvalidated = false")
    assert one.post(good()).problem()["code"] == "validation_required"
