"""GET /openapi.json through the real nginx, and the service held to it: each example is posted, answers of every kind are validated
by the schema of the status that came, and what a schema refuses the service refuses too. The document by itself:
tests/lint/test_openapi_doc.py."""

import email
import json
import re

import jsonschema
import pytest
import test_api
import test_cases
import test_files
from client import Answer
from events import Events
from openapi import Api, shipped

from stack import ROOT, wait_until

PYTHON = {"language": "python", "validate": False}
LANGUAGES = ["javascript", "js", "node", "nodejs", "node-js", "python", "python3", "py"]  # of stacks in tests
REQUESTS = {(path, name): example["value"] for _, path, operation in Api().operations() if "requestBody" in operation
            for name, example in operation["requestBody"]["content"]["application/json"]["examples"].items()}
COMPILED = [name for (path, name), request in REQUESTS.items() if request["language"] == "c"]  # on a stack that has it
_apis = {}


def api(stack):
    """The document of a stack: asked for once."""
    if stack.dir not in _apis:
        _apis[stack.dir] = Api(stack.get("/openapi.json").json)
    return _apis[stack.dir]


def properties(document, name="ExecuteRequest"):
    return document["components"]["schemas"][name]["properties"]


def place(document, path):
    for name in path.split("/"):
        document = document[name]
    return document


# ---- the document as it is served ------------------------------------------------------------------------------


def test_served_as_shipped(stack):
    """What is filled in is, with the configuration as shipped, what the file says."""
    answer = stack.get("/openapi.json")
    assert (answer.status, answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (200, "application/json", "no-cache")
    served, expected = answer.json, shipped()
    assert served["info"]["version"] == stack.get("/version").json["version"] == expected["info"]["version"]
    schemas = expected["components"]["schemas"]
    schemas["ExecuteRequest"]["properties"]["language"]["enum"] = LANGUAGES
    schemas["ExecuteRequest"]["properties"]["engine"]["enum"] = ["native"]
    assert served == expected
    api(stack).check("GET", "/openapi.json", answer)


def test_limits_are_those_of_limits(stack):
    document, told = stack.get("/openapi.json").json, stack.get("/v1/limits").json
    schema = properties(document, "Limits")
    assert set(schema) == set(told["limits"])
    for name, limit in told["limits"].items():
        assert {k: limit[k] for k in ("minimum", "maximum", "default")} == {k: schema[name][k] for k in ("minimum", "maximum", "default")}
    execute, bounds = properties(document), told["request"]
    assert execute["policy"]["enum"] == told["validation"]["policies"] and execute["policy"]["default"] == told["validation"]["policy"]
    said = {"files": execute["files"]["maxItems"], "file_bytes": place(document, "components/schemas/Source/maxLength"),
            "path_bytes": place(document, "components/schemas/Path/maxLength"),
            "args": place(document, "components/schemas/Arguments/maxItems"),
            "env": place(document, "components/schemas/Environment/maxProperties"), "tests": execute["tests"]["maxItems"],
            "test_name_bytes": properties(document, "TestCase")["name"]["maxLength"]}
    assert said == {name: bounds[name] for name in said}
    assert "{0,%d}" % (bounds["path_depth"] - 1) in place(document, "components/schemas/Path/pattern")


@pytest.mark.parametrize("tag,status", [("%s", 304), ("W/%s", 304), ('"0123456789abcdef", %s', 304), ("*", 304),
                                        ('"0123456789abcdef"', 200), ("", 200)])
def test_etag(stack, tag, status):
    first = stack.get("/openapi.json")
    answer = stack.get("/openapi.json", headers={"If-None-Match": tag.replace("%s", first.headers["ETag"])})
    assert (answer.status, answer.headers["ETag"]) == (status, first.headers["ETag"])
    assert answer.body == (b"" if status == 304 else first.body)
    api(stack).check("GET", "/openapi.json", answer)
    assert stack.get("/health").json == {"status": "ok"}  # the connection to the worker goes on


def test_what_is_not_sent_is_counted(stack):
    def counted():
        return int(re.search(r'requests_total\{route="/openapi.json",status="304"\} (\d+)', stack.get("/metrics").body.decode()).group(1))
    before, tag = counted(), stack.get("/openapi.json").headers["ETag"]
    assert stack.get("/openapi.json", headers={"If-None-Match": tag}).status == 304
    assert counted() == before + 1


def test_head(stack):
    whole, head = stack.get("/openapi.json"), stack.request("HEAD", "/openapi.json")
    assert (head.status, head.body) == (200, b"")
    assert all(head.headers[n] == whole.headers[n] for n in ("ETag", "Cache-Control", "Content-Type", "Content-Length"))


LOCATION = """
location = /tight/openapi.json { rewrite ^ /openapi.json break; include /etc/sandgate/nginx/sandgate-fastcgi.conf; %(params)s
    fastcgi_pass sandgate_status; }
location = /tight/execute { rewrite ^ /v1/execute break; include /etc/sandgate/nginx/sandgate-fastcgi.conf; %(params)s
    fastcgi_pass sandgate_workers; }
""" % {"params": "".join("fastcgi_param SANDGATE_%s;" % p for p in (
    "MAX_WALL_TIME_MS 2500", "MAX_PROCESSES 7", "LANGUAGES javascript", 'POLICY "balanced strict"', "VALIDATE required"))}
NGINX = "".join("location = /nginx/%d { return %d; }\n" % (s, s) for s in (
    400, 401, 403, 404, 405, 411, 412, 413, 414, 421, 429, 500, 501, 502, 503, 504, 505))
OTHERS = """
location = /login { auth_basic "x"; auth_basic_user_file /dev/null; try_files /x =404; }
location = /wrong { rewrite ^ /v1/execute break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_param SANDGATE_MAX_PROCESSES many; fastcgi_pass sandgate_workers; }
"""


@pytest.fixture(scope="module")
def located():
    """A stack with locations of its own, and other settings than those that are shipped."""
    from stack import Stack
    with Stack(executor="root" if ROOT else "rootless", server=LOCATION + NGINX + OTHERS, worker="body_bytes = 100000",
               limits='max_memory_bytes = 4g\ndefault_memory_bytes = 1g', languages=("python", "node", "bash", "c")) as one:
        yield one


def test_the_operators_limits_are_filled_in(located):
    memory = properties(located.get("/openapi.json").json, "Limits")["memory_bytes"]
    assert (memory["default"], memory["maximum"]) == (1 << 30, 4 << 30)
    assert {"bash", "sh", "shell"} <= set(properties(api(located).document)["language"]["enum"])
    assert "bash" not in properties(api(located).document, "ValidateRequest")["language"]["enum"]


def test_a_locations_policy_is_filled_in(located):
    """And the schemas refuse what the location with the same parameters refuses."""
    answer = located.get("/tight/openapi.json")
    assert answer.headers["ETag"] != located.get("/openapi.json").headers["ETag"]
    tight, schema = Api(answer.json), properties(answer.json)
    assert schema["language"]["enum"] == properties(answer.json, "ValidateRequest")["language"]["enum"] == LANGUAGES[:5]
    assert (schema["policy"]["enum"], schema["policy"]["default"]) == (["balanced", "strict"], "balanced")
    assert (schema["timeout"]["maximum"], schema["timeout"]["default"]) == (2.5, 2.5)
    good = {"language": "js", "code": "1"}
    assert not tight.refuses("ExecuteRequest", good) and located.post(good, "/tight/execute").status == 200
    for more in ({"language": "python"}, {"timeout": 2.6}, {"limits": {"processes": 8}}, {"limits": {"wall_time_ms": 2501}},
                 {"policy": "report"}, {"validate": False}, {"tests": [{}], "test_options": {"wall_time_ms": 2501}}):
        assert tight.refuses("ExecuteRequest", {**good, **more}), more
        assert not api(located).refuses("ExecuteRequest", {**good, **more}), more
        assert located.post({**good, **more}, "/tight/execute").status == 422, more


NO_LANGUAGE = "".join("""location = /%s%s { rewrite ^ %s break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_param SANDGATE_LANGUAGES %s; fastcgi_pass sandgate_workers; }""" % (prefix, path, path, languages)
    for prefix, languages in (("none", "cobol"), ("run-alone", "bash"))
    for path in ("/v1/execute", "/v1/validate", "/openapi.json"))


def test_where_no_language_is_left_the_schemas_take_none(make_stack):
    """Those of the file as shipped once stayed there."""
    one = make_stack(server=NO_LANGUAGE, languages=("python", "bash"))
    for prefix, run, scored in (("none", [], []), ("run-alone", ["bash", "sh", "shell"], [])):
        told = Api(one.get("/%s/openapi.json" % prefix).json)
        for schema, path, names in (("ExecuteRequest", "/v1/execute", run), ("ValidateRequest", "/v1/validate", scored)):
            language = properties(told.document, schema)["language"]
            assert language.get("enum", []) == names and ("not" in language) != bool(names), language
            jsonschema.Draft202012Validator.check_schema(language)
            for name in ("python", "javascript", "bash", "cobol"):
                request = {"language": name, "code": "", **({"validate": False} if schema == "ExecuteRequest" else {})}
                assert bool(told.refuses(schema, request)) == (name not in names), (prefix, schema, name)
                assert one.post(request, "/%s%s" % (prefix, path)).status == (200 if name in names else 422), (prefix, schema, name)
            problem = one.post({"language": "x", "code": ""}, "/%s%s" % (prefix, path)).problem()
            assert problem["errors"][0]["detail"].endswith("allowed: " + (", ".join(names) or "none")), problem


# ---- examples and answers --------------------------------------------------------------------------------------


EVERYWHERE = [key for key in REQUESTS if key[1] not in COMPILED]


@pytest.mark.parametrize("path,name", EVERYWHERE, ids=["%s-%s" % key for key in EVERYWHERE])
def test_examples_of_requests(any_stack, path, name):
    request = dict(REQUESTS[path, name])
    if any_stack.name_of_engine not in ("native", request.get("engine", any_stack.name_of_engine)):
        del request["engine"]  # which this location does not allow
    told = api(any_stack)
    if any_stack.name_of_engine != "native" and "trace_denied_syscalls" in request:
        assert told.refuses("ExecuteRequest", request) and any_stack.post(request, path).status == 422
        return
    assert not told.refuses("ExecuteRequest" if path == "/v1/execute" else "ValidateRequest", request)
    answer = any_stack.post(request, path)
    doc = told.check("POST", path, answer)
    if path == "/v1/execute" and request["language"] not in {r["language"] for r in any_stack.get("/v1/runtimes").json}:
        assert doc["code"] == "unknown_runtime"  # the Docker image has no Node.js
        return
    assert answer.status == 200, answer
    statuses = {"time_limit": "failed", "tests": "failed", "rejected": "rejected"}
    if path == "/v1/execute":
        assert doc["status"] == statuses.get(name, "success"), doc


@pytest.mark.parametrize("name", COMPILED)
def test_examples_of_compiled_languages(located, name):
    request = REQUESTS["/v1/execute", name]
    assert not api(located).refuses("ExecuteRequest", request)
    doc = api(located).check("POST", "/v1/execute", located.post(request))
    assert (doc["status"], doc["compile"]["status"]) == {"compiled": ("success",) * 2, "not_compiled": ("failed",) * 2}[name]
    request = {**request, "tests": [{"expected_stdout": "hello\n"}, {}]}
    doc = api(located).check("POST", "/v1/execute", located.post(request))
    assert [t["passed"] for t in doc["tests"] or []] == ([True, True] if name == "compiled" else [])


RUNS = [
    ("exit code", "import sys; print('x'); sys.exit(3)", {}, "exited"),
    ("wall time", "while True: pass", {"timeout": 0.3}, "wall_time"),
    ("cpu time", "while True: pass", {"limits": {"cpu_time_ms": 100}}, "cpu_time"),
    ("memory", "x = bytearray(1 << 28)\nfor i in range(0, 1 << 28, 4096): x[i] = 1", {"limits": {"memory_bytes": 67108864}}, "memory"),
    ("output", "while True: print('x' * 65536)", {}, "output"),
    ("output that is cut", "print('x' * 100000)", {"limits": {"output_bytes": 1024}}, "exited"),
    ("base64", "import os; os.write(1, bytes([255, 0])); os.write(2, bytes([254]))", {}, "exited"),
    ("a signal", "import os; os.kill(os.getpid(), 6)", {}, "signaled"),
    ("a signal without a name", "import os; os.kill(os.getpid(), 40)", {}, "signaled"),
    ("file size", "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL); open('f', 'wb').write(bytes(9999))",
     {"limits": {"file_bytes": 1024}}, "file_size"),
    ("files", "import os; open('a.txt', 'w').write('x'); open('b', 'wb').write(bytes([255])); os.symlink('/', 'c')", {}, "exited"),
    ("no files", "open('a.txt', 'w').write('x')", {"output_files": []}, "exited"),
    ("tests", "print(input())", {"tests": [{"stdin": "1", "expected_stdout": "1\n"}, {"name": "b", "expected_stdout": "2"}, {}],
                                 "test_options": {"stop_on_failure": True}}, None),
    ("tests that pass", "print(1)", {"tests": [{"expected_stdout": "1\n"}]}, None),
    ("tests without time", "import time; time.sleep(9)", {"tests": [{}, {}], "test_options": {"wall_time_ms": 300}}, None),
]


@pytest.mark.parametrize("code,fields,reason", [row[1:] for row in RUNS], ids=[row[0] for row in RUNS])
def test_answers(any_stack, code, fields, reason):
    request = {**PYTHON, "code": code, **fields}
    assert not api(any_stack).refuses("ExecuteRequest", request)
    doc = api(any_stack).check("POST", "/v1/execute", any_stack.post(request))
    if reason and (ROOT or reason not in ("memory", "cpu_time")):  # of which an ordinary user has no cgroups
        assert doc["termination"]["reason"] == reason, doc


EVENTS = [
    ("output", "import os; print('x', flush=True); os.write(2, bytes([255]))", {}, ["start", "stdout", "stderr", "result"]),
    ("files", "open('a', 'w').write('x'); open('b', 'wb').write(bytes([255]))", {}, ["start", "file", "result"]),
    ("rejected", "import os", {"validate": True}, ["result"]),
    ("tests", "print(1)", {"tests": [{"expected_stdout": "1\n"}, {"expected_stdout": "2\n"}]}, ["result"]),
    ("time limit", "while True: pass", {"timeout": 0.3}, ["start", "result"]),
]


@pytest.mark.parametrize("code,fields,names", [row[1:] for row in EVENTS], ids=[row[0] for row in EVENTS])
def test_events(any_stack, code, fields, names):
    told, response = api(any_stack), api(any_stack).document["paths"]["/v1/execute"]["post"]["responses"]["200"]
    with Events(any_stack, code, **fields) as events:
        found = events.all()
    assert sorted({e.name for e in found} - {"ping"}) == sorted(set(names))
    assert told.resolve(response["content"]["text/event-stream"]["schema"])["contentSchema"] == {"$ref": "#/components/schemas/Events"}
    told.check_headers(response["headers"], events.headers)
    for event in found:
        told.check_body(properties(told.document, "Events")[event.name], event.data)
    wrong = {k: v for k, v in found[-1].data.items() if k != "timings"}
    with pytest.raises(AssertionError):
        told.check_body(properties(told.document, "Events")["result"], wrong)


@pytest.mark.parametrize("path", ["/v1/runtimes", "/v1/limits", "/health", "/ready", "/version", "/metrics"])
def test_answers_of_get(any_stack, path):
    answer = any_stack.get(path)
    assert answer.status == 200
    api(any_stack).check("GET", path, answer)


@pytest.mark.parametrize("name", [name for path, name in REQUESTS if path == "/v1/validate"])
def test_sarif(stack, name):
    answer = stack.post(REQUESTS["/v1/validate", name], "/v1/validate", {"Accept": "application/sarif+json"})
    assert api(stack).check("POST", "/v1/validate", answer)["runs"][0]["results"]


def test_the_schemas_of_answers_can_refuse(stack):
    """Otherwise the tests above say nothing."""
    told, answer = api(stack), stack.post({**PYTHON, "code": "print(1)"})
    for change in ({"stdout": None}, {"success": False}, {"status": "rejected"}, {"exit_code": 256}, {"more": 1}, {"tests": []},
                   {"timings": {}}, {"error": "x"}, {"termination": {**answer.json["termination"], "reason": "other"}}):
        wrong = Answer(200, answer.headers, json.dumps({**answer.json, **change}).encode())
        with pytest.raises(AssertionError):
            told.check("POST", "/v1/execute", wrong)
    for gone in answer.json:
        wrong = Answer(200, answer.headers, json.dumps({k: v for k, v in answer.json.items() if k != gone}).encode())
        with pytest.raises(AssertionError):
            told.check("POST", "/v1/execute", wrong)


# ---- problems --------------------------------------------------------------------------------------------------


def test_routes(stack):
    """Every operation is served, and nothing else at its path."""
    for method, path, _ in api(stack).operations():
        assert stack.request(method, path, b"{}", {"Content-Type": "application/json"}).status in (200, 422), path
        for other in {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - {method} - ({"HEAD"} if method == "GET" else set()):
            answer = stack.request(other, path)
            assert answer.status == 405, (other, path)
            if other != "HEAD":
                assert api(stack).check(method, path, answer)["code"] == "method_not_allowed"


JSON = {"Content-Type": "application/json"}
SENT = [  # code, path, body, headers
    ("malformed_json", "/v1/execute", b"{", JSON),
    ("json_too_complex", "/v1/execute", b"[" * 40 + b"]" * 40, JSON),
    ("json_too_complex", "/v1/validate", b"[" * 40 + b"]" * 40, JSON),
    ("invalid_request", "/v1/execute", b"{}", JSON),
    ("invalid_request", "/v1/validate", b'{"stdin": ""}', JSON),
    ("unknown_runtime", "/v1/execute", b'{"language": "python", "version": "2", "code": ""}', JSON),
    ("validation_unavailable", "/v1/execute", b'{"language": "bash", "code": ""}', JSON),
    ("validation_unavailable", "/v1/validate", b'{"language": "bash", "code": ""}', JSON),
    ("not_acceptable", "/v1/execute", b"{}", {**JSON, "Accept": "text/html"}),
    ("not_acceptable", "/v1/validate", b"{}", {**JSON, "Accept": "text/html"}),
    ("unsupported_media_type", "/v1/execute", b"{}", {"Content-Type": "text/plain"}),
    ("unsupported_media_type", "/v1/execute", b"{}", {**JSON, "Content-Encoding": "gzip"}),
    ("body_too_large", "/v1/execute", b" " * 100001, JSON),
    ("body_too_large", "/v1/validate", b" " * 5000000, JSON),
]


@pytest.mark.parametrize("code,path,body,headers", SENT, ids=["%s%s" % (row[0], row[1].replace("/", "-")) for row in SENT])
def test_problems_of_requests(located, code, path, body, headers):
    answer = located.request("POST", path, body, headers)
    assert api(located).check("POST", path, answer)["code"] == code


@pytest.mark.parametrize("path", ["/v1/runtimes", "/v1/limits", "/health", "/ready", "/version", "/metrics", "/openapi.json"])
def test_problems_of_get(located, path):
    for headers, code in (({"Accept": "text/html"}, "not_acceptable"), ({"X-Long": "a" * 40000}, "headers_too_large")):
        assert api(located).check("GET", path, located.get(path, headers=headers))["code"] == code


@pytest.mark.parametrize("path,code", [("/v1/nothing", "not_found"), ("/nothing", "not_found"), ("/" + "a" * 40000, "uri_too_long"),
                                       ("/login", "unauthorized"), ("/wrong", "internal")])
def test_problems_of_paths(located, path, code):
    assert api(located).check("GET", "/health", located.get(path))["code"] == code


def test_problems_of_nginx(located):
    for status in map(int, re.findall(r"/nginx/(\d+)", NGINX)):
        answer = located.get("/nginx/%d" % status)
        assert answer.status == status
        api(located).check("POST", "/v1/execute", answer)


def from_raw(raw):
    head, body = raw.split(b"\r\n\r\n", 1)
    status, lines = head.split(b"\r\n", 1)
    return Answer(int(status.split()[1]), email.message_from_bytes(lines + b"\r\n\r\n"), body)


def test_problems_of_broken_requests(located):
    begin = b"POST /v1/execute HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    for raw, code in ((begin + b"\r\n", "length_required"), (begin + b"Content-Length: -1\r\n\r\n", "bad_request"),
                      (begin.replace(b"1.1", b"3.0") + b"\r\n", "error")):
        assert api(located).check("POST", "/v1/execute", from_raw(located.raw(raw)))["code"] == code


def test_problems_of_a_full_service(make_stack):
    one = make_stack(slots=1, queue=0)
    told, held = api(one), one.begin("import time; time.sleep(60)")
    wait_until(lambda: one.get("/ready").json["running"] == 1)
    assert told.check("POST", "/v1/execute", one.post({**PYTHON, "code": ""}))["code"] == "busy"
    held.close()


def test_problems_without_an_executor(make_stack):
    one = make_stack()
    told = api(one)
    one.stop_process("executor")
    for method, path, body in (("GET", "/v1/runtimes", None), ("GET", "/ready", None), ("POST", "/v1/execute", {**PYTHON, "code": ""})):
        answer = one.post(body) if body else one.request(method, path)
        assert told.check(method, path, answer)["code"] == "executor_unreachable"
    one.stop_process("workers")
    assert told.check("POST", "/v1/execute", one.post({}))["code"] == "worker_unreachable"


def test_problem_of_a_missing_layer(make_stack):
    one = make_stack(lab=True, start="cold")
    one.lab(fail="mount_usr")
    doc = api(one).check("POST", "/v1/execute", one.post({**PYTHON, "code": ""}))
    assert doc["code"] == "layer_unavailable" and doc["step"] == "mount_usr"


# ---- what a schema refuses, the service refuses ----------------------------------------------------------------

# Of what is sent in other tests, what no schema can say, by the service's words for it: sums, two places compared, bytes rather than
# characters, patterns of files, a bound that another field sets.
UNSAID = ["is there twice", "is the name that `code` gets", "clashes with", "allowed: 262144 bytes", "has 130 bytes", "has 1048577 bytes",
          "goes past what all patterns may have", "without its ]", "an empty [ ]", "a range in [ ]", "\\ at the end of a name", "has ** beside"]
BAD = [(name, json.loads(body), pointer, text) for name, body, _, code, pointer, text in test_api.BAD if code == "invalid_request"] + [
    (name, {**PYTHON, "code": "1", **fields}, pointer, text) for name, fields, pointer, text in test_cases.BAD] + [
    ("output_files: " + name, {**PYTHON, "code": "1", "output_files": row[0]}, *row[1:]) for name, row in test_files.BAD.items()]


@pytest.mark.parametrize("name,request_,pointer,text", BAD, ids=[row[0] for row in BAD])
def test_bad_input_is_refused_by_the_schema(stack, name, request_, pointer, text):
    """The service's own answer to each is asserted where the tables are."""
    found = api(stack).refuses("ExecuteRequest", request_)
    assert bool(found) != any(reason in text for reason in UNSAID), (name, found)


GOOD = {"language": "python", "code": "1"}
BOTH = [("language", value) for value in (None, 1, "", "cobol", ["python"])] + \
    [("code", value) for value in (None, 1, "a\0b", ["1"])] + \
    [("files", value) for value in (None, {}, "a", [None], [{}], [{"path": "a"}], [{"content": ""}], [{"path": "a", "content": 1}],
                                    [{"path": "a", "content": "", "encoding": "latin1"}], [{"path": "a", "content": "", "x": 1}],
                                    [{"path": "a", "content": "*", "encoding": "base64"}])] + \
    [("files", [{"path": path, "content": ""}]) for path in ("", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "./a", "a\nb", "a\x7f",
                                                            "a\u0085", "a\0", "a/" * 8 + "b", "a" * 256)] + \
    [("id", value) for value in (None, 1, "", "a b", "\u00e4", "a" * 65)] + \
    [("policy", value) for value in (None, 1, "", "none")] + [("foo", 1)]
EXECUTE = [("version", value) for value in (None, 3, "", "3 11", "\u0663", "3" * 33)] + \
    [("stdin", value) for value in (None, 1, [], {}, {"content": None}, {"content": "", "encoding": "x"}, {"content": "", "x": 1},
                                    {"content": "*", "encoding": "base64"}, {"encoding": "utf8"})] + \
    [("args", value) for value in (None, "a", {}, [1], [None], ["a\0"], ["a"] * 257, ["a" * 65537])] + \
    [("env", value) for value in (None, [], "A=1", {"A": 1}, {"A": None}, {"1": ""}, {"": ""}, {"A-B": ""}, {"A" * 65: ""}, {"A": "\0"},
                                  {"LD_PRELOAD": ""}, {"PYTHONPATH": ""}, {"BASH_FUNC_x": ""}, {"ENV": ""}, {"A": "a" * 65537},
                                  {"A%d" % i: "" for i in range(65)})] + \
    [("limits", value) for value in (None, [], {"x": 1}, {"processes": None}, {"processes": "1"}, {"processes": 0}, {"processes": 257},
                                     {"processes": 1.5}, {"wall_time_ms": 9}, {"wall_time_ms": 120001}, {"cpu_time_ms": 9},
                                     {"cpu_time_ms": 120001}, {"memory_bytes": 16777215}, {"memory_bytes": 2147483649},
                                     {"output_bytes": 1023}, {"output_bytes": 8388609}, {"file_bytes": 1023}, {"file_bytes": 1073741825},
                                     {"cpu_percent": 0}, {"cpu_percent": 101}, {"cpu_percent": -1})] + \
    [("timeout", value) for value in (None, "1", 0, 0.009, 120.1, -1, [])] + \
    [(name, value) for name in ("merge_stderr", "validate", "trace_denied_syscalls") for value in (None, 0, 1, "true", [])] + \
    [("engine", value) for value in (None, 1, "", "docker", "none")] + \
    [("output_files", value) for value in (None, "*", {}, [1], [""], ["/a"], ["a//b"], ["../*"], ["a\0"], ["a\nb"], ["a" * 256],
                                           ["a"] * 33, ["/".join("abcdefghi")])] + \
    [("tests", value) for value in (None, {}, [], [1], [{}] * 101, [{"x": 1}], [{"name": 1}], [{"name": "\0"}], [{"name": "a" * 129}],
                                    [{"stdin": 1}], [{"stdin": {}}], [{"args": "a"}], [{"args": [1]}], [{"expected_stdout": None}],
                                    [{"expected_stdout": {"content": "*", "encoding": "base64"}}])]
PAIRS = [{"output_files": [], "tests": [{}]}, {"timeout": 1, "limits": {"wall_time_ms": 1000}}, {"validate": False, "policy": "strict"},
         {"test_options": {}},
         {"tests": [{}], "test_options": None}, {"tests": [{}], "test_options": {"x": 1}}, {"tests": [{}], "test_options": {"compare": 1}},
         {"tests": [{}], "test_options": {"compare": "fuzzy"}}, {"tests": [{}], "test_options": {"stop_on_failure": 1}},
         {"tests": [{}], "test_options": {"wall_time_ms": 9}}, {"tests": [{}], "test_options": {"wall_time_ms": 120001}}]
WITHOUT_CODE = [{"language": "python"}, {"language": "python", "files": []}, {"code": "1"}, {}]


def disagreements(stack, schema, path, requests):
    """Those of bad requests that the schema or the service takes."""
    for request in requests:
        refused, answer = api(stack).refuses(schema, request), stack.post(request, path)
        if not refused or answer.status != 422:
            yield request, refused, answer


def test_schema_and_service_agree_on_bad_input(stack):
    good = api(stack).refuses("ExecuteRequest", GOOD)
    assert not good and stack.post(GOOD).status == 200
    requests = [{**GOOD, name: value} for name, value in BOTH + EXECUTE] + [{**GOOD, **pair} for pair in PAIRS] + WITHOUT_CODE
    assert set(properties(api(stack).document)) <= {name for request in requests for name in request}, "a field is left out"
    assert not list(disagreements(stack, "ExecuteRequest", "/v1/execute", requests))


def test_schema_and_service_agree_on_bad_input_of_validate(stack):
    unknown = {"stdin": "", "args": [], "env": {}, "limits": {}, "timeout": 1, "tests": [{}], "validate": True, "engine": "native"}
    requests = [{**GOOD, name: value} for name, value in BOTH + list(unknown.items())]
    assert not list(disagreements(stack, "ValidateRequest", "/v1/validate", requests + WITHOUT_CODE))


@pytest.mark.parametrize("fields", [
    {"files": [{"path": "a/b/c/d/e/f/g/h", "content": "\0", "encoding": "utf8"},
               {"path": ".a/..b/\u00e4 \u20ac", "content": "", "encoding": "base64"}]},
    {"files": []}, {"stdin": ""}, {"stdin": "a\0"}, {"stdin": {"content": ""}}, {"args": [], "env": {}, "limits": {}}, {"args": ["", "\n"]},
    {"env": {"_": "", "LD": "", "A" * 64: "x\n"}}, {"timeout": 0.01}, {"timeout": 120}, {"id": "!~"}, {"version": "3"},
    {"limits": {"memory_bytes": 2147483648, "processes": 256, "cpu_percent": 100}}, {"validate": True, "policy": "report"},
    {"engine": "native", "merge_stderr": True}, {"trace_denied_syscalls": True}, {"engine": "native", "trace_denied_syscalls": True},
    {"output_files": []}, {"output_files": ["**", "a/[!b]*.csv", "?", "\\*", ".x"]},
    {"tests": [{}] * 2, "test_options": {}}, {"tests": [{"name": "", "args": [], "stdin": ""}]},
], ids=lambda fields: "-".join(fields))
def test_schema_and_service_agree_on_good_input(stack, fields):
    request = {**GOOD, **fields}
    assert not api(stack).refuses("ExecuteRequest", request)
    api(stack).check("POST", "/v1/execute", stack.post(request))
