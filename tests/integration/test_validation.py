"""The risk score through the real nginx: what is found, what is refused, who may choose."""

import base64
import collections
import os
import re
import subprocess

import pytest
from corpus import programs
from stack import SOURCE, wait_until

PROGRAMS = {p.name: p for p in programs()}
ROW = re.compile(r'\(#rule! "([^"]+)" (\d+) (\w+)')


def score(stack, code, status=200, **fields):
    answer = stack.post({"language": "python", "code": code, **fields}, path="/v1/validate")
    assert answer.status == status, answer
    return answer.json if status == 200 else answer.problem()


def rules(doc):
    return {f["rule"] for f in doc["validation"]["findings"]}


# ---- the corpus --------------------------------------------------------------------------------------------------


def test_corpus_is_large_enough():
    kinds = collections.Counter(p.kind for p in PROGRAMS.values())
    assert kinds["dangerous"] >= 150 and kinds["harmless"] >= 150, kinds


@pytest.mark.parametrize("language", ["python", "javascript"])
@pytest.mark.parametrize("kind", ["dangerous", "harmless"])
def test_corpus(stack, language, kind):
    """Each program has exactly the findings that are written in it; strict refuses the dangerous ones, and no other."""
    wrong = []
    for p in PROGRAMS.values():
        if (p.language, p.kind) != (language, kind):
            continue
        doc = score(stack, p.text, language=language)
        found = {(f["line"], f["rule"]) for f in doc["validation"]["findings"]}
        decision = "rejected" if kind == "dangerous" else "allowed"
        if found != p.expected or doc["validation"]["decision"] != decision:
            wrong.append("%s: %s, missing %s, extra %s" % (p.name, doc["validation"]["decision"],
                                                           sorted(p.expected - found), sorted(found - p.expected)))
    assert not wrong, "\n".join(wrong)


def test_every_rule_is_met_and_none_too_often():
    """150 dangerous programs with at most three of one worst rule; what is no text has tests of its own."""
    known = {}
    for language in ("python", "javascript"):
        with open(os.path.join(SOURCE, "packaging", "conf", "rules", language + ".scm"), encoding="utf-8") as f:
            known.update({rule: int(points) for rule, points, _ in ROW.findall(f.read())})
    worst, met = collections.Counter(), set()
    for p in PROGRAMS.values():
        expected = sorted(p.expected)
        met |= {rule for _, rule in expected}
        if p.kind == "dangerous":
            worst[max(expected, key=lambda e: (known[e[1]], -e[0]))[1]] += 1
    assert not met - set(known)
    assert set(known) - met == {"python.binary-file", "javascript.binary-file"}
    assert sum(min(3, n) for n in worst.values()) >= 150 and max(worst.values()) <= 6, worst.most_common(5)


# ---- behaviours --------------------------------------------------------------------------------------------------


def execute(stack, code, **fields):
    answer = stack.post({"language": "python", "code": code, **fields})
    assert answer.status == 200, answer
    return answer.json


def test_01_import_os_is_refused(stack):
    doc = execute(stack, "import os")
    assert doc["status"] == "rejected" and doc["success"] is False and doc["risk_score"] >= 30
    assert doc["validation"]["decision"] == "rejected" and doc["validation"]["threshold"] == 30
    assert doc["validation"]["policy"] == "strict" and re.fullmatch("[0-9a-f]{16}", doc["validation"]["policy_version"])
    assert "python.import.os" in doc["error"] and "line 1" in doc["error"]
    for member in ("exit_code", "signal", "stdout", "stderr", "termination", "resource_usage", "isolation", "engine"):
        assert doc[member] is None, member
    assert doc["timings"]["run_ms"] is None and doc["timings"]["validate_ms"] > 0


def test_02_eval_is_refused(stack):
    doc = execute(stack, 'eval("1+1")')
    assert doc["status"] == "rejected" and doc["risk_score"] >= 30
    (finding,) = doc["validation"]["findings"]
    assert finding["rule"] == "python.eval" and finding["severity"] == "critical" and finding["file"] == "main.py"
    assert (finding["line"], finding["column"], finding["end_line"], finding["end_column"]) == (1, 1, 1, 5)
    assert finding["snippet"] == 'eval("1+1")' and finding["remedy"]


def test_06_unvalidated_code_runs(stack):
    doc = execute(stack, 'import os; print(os.listdir("/"))', validate=False)
    assert doc["status"] == "success" and doc["exit_code"] == 0 and "usr" in doc["stdout"]
    assert doc["risk_score"] is None and doc["validation"]["decision"] == "skipped"
    assert doc["validation"]["findings"] == [] and doc["timings"]["validate_ms"] is None


def test_validated_code_runs(stack):
    doc = execute(stack, "import numpy as np\nprint(np.mean([1, 2, 3]))")
    assert doc["status"] == "success" and doc["stdout"] == "2.0\n"
    assert doc["risk_score"] == 0 and doc["validation"]["decision"] == "allowed" and doc["error"] is None


def test_13_a_syntax_error_runs_and_fails(stack):
    doc = execute(stack, "print('a'\n")
    assert doc["status"] == "failed" and doc["exit_code"] == 1 and "SyntaxError" in doc["stderr"]
    assert rules(doc) == {"python.syntax-error"} and doc["risk_score"] == 0


ALIASES = ["import os as o", "from os import system as s", "e = eval", '__builtins__["eval"]',
           'import builtins\ngetattr(builtins, "ev" + "al")']


@pytest.mark.parametrize("code", ALIASES)
def test_aliases_count(stack, code):
    assert execute(stack, code)["status"] == "rejected"


MENTIONS = ["osmosis = 1\nprint(osmosis)", "def evaluate(x): return x\nevaluate(1)",
            'text = "import os; eval(1)"', "# import os, eval(x)\nprint(1)", '"""os.system("x")"""']


@pytest.mark.parametrize("code", MENTIONS)
def test_mentions_do_not_count(stack, code):
    doc = execute(stack, code)
    assert doc["status"] == "success" and doc["risk_score"] == 0, doc["validation"]


# ---- texts of every kind -----------------------------------------------------------------------------------------

ODD = {
    "parens": ("(" * 65536, {"python.syntax-error"}),
    "lists": ("[" * 100000 + "]" * 100000, None),
    "one line": ("x=1;" * 250000, {"bounds.source-bytes"}),
    "crlf": ("x = 1\r\nimport os\r\n", {"python.import.os"}),
    "carriage return": ("# a comment\rimport os\r", {"python.import.os"}),
    "mark of byte order": ("\ufeffimport os\n", {"python.import.os"}),
    "tab": ("if 1:\n\timport os\n", {"python.import.os"}),
    "form feed": ("x = 1\n\x0cimport os\n", {"python.import.os"}),
    "coding": ("# -*- coding: utf-7 -*-\nprint(1)", {"python.source-encoding"}),
    "coding utf-8": ("# -*- coding: utf-8 -*-\nprint(1)", set()),
    "deep sums": ("x = " + "1 + " * 5000 + "1", {"bounds.depth"}),
    "names that lead to each other": (
        "def f():\n    x5000\n" + "".join('x%d = getattr(x%d, "a")\n' % (i + 1, i) for i in range(5000)), {"bounds.depth"}),
    "empty": ("", set()),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_texts_have_a_defined_answer(stack, name):
    code, expected = ODD[name]
    doc = score(stack, code)
    if expected is None:  # one of the bounds, whichever comes first on this machine
        assert doc["validation"]["decision"] == "rejected" and all(r.startswith("bounds.") for r in rules(doc)), doc
    else:  # on a slow machine the time may be over first
        assert rules(doc) in (expected, {"bounds.parse-time"} if len(code) > 50000 else expected), doc["validation"]
    if any(r.startswith("bounds.") for r in rules(doc)):
        assert doc["validation"]["decision"] == "rejected" and doc["risk_score"] == 100
        assert re.search(r"\d", doc["validation"]["findings"][0]["message"]), doc


ODD_BYTES = {
    "not utf-8": b"print(1)\n\xff\xfe\n",
    "nul": b"print(1)\x00import os\n",
    "utf-16": "import os\n".encode("utf-16"),
}


@pytest.mark.parametrize("name", ODD_BYTES)
def test_odd_bytes_are_refused(stack, name):
    content = base64.b64encode(ODD_BYTES[name]).decode()
    doc = stack.post({"language": "python", "files": [{"path": "main.py", "content": content, "encoding": "base64"}]},
                     path="/v1/validate").json
    assert rules(doc) == {"bounds.encoding"} and doc["validation"]["decision"] == "rejected"


def test_the_standard_library_is_parsed_or_refused(stack):
    """Every file of Python that is installed here: an answer, and the next one too."""
    files = subprocess.run(["find", "/usr/lib/python3.11", "-name", "*.py", "-size", "-1000k"], stdout=subprocess.PIPE,
                           check=True).stdout.decode().split("\n")
    answered = collections.Counter()
    for path in sorted(filter(None, files)):
        with open(path, "rb") as f:
            content = f.read()
        try:
            text = content.decode()
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            continue
        doc = score(stack, text)
        answered["bounds" if any(r.startswith("bounds.") for r in rules(doc)) else "parsed"] += 1
        assert doc["timings"]["validate_ms"] < 30000, path
    assert answered["parsed"] > 500 and answered["parsed"] > 50 * answered["bounds"], answered


# ---- several files, other languages, policies --------------------------------------------------------------------


def test_several_files(stack):
    doc = score(stack, "import helper\nprint(helper.x)",
                files=[{"path": "helper.py", "content": "x = 1\ny = eval\n"}, {"path": "data.txt", "content": "import os"}])
    (finding,) = doc["validation"]["findings"]
    assert (finding["file"], finding["line"], finding["rule"]) == ("helper.py", 2, "python.eval")


def test_the_time_is_that_of_the_request(stack):
    """Not of each file: one file that takes all of it leaves nothing for the next."""
    files = [{"path": "slow%d.py" % i, "content": "eval = = = (\n" * 8000} for i in range(3)]
    doc = score(stack, "print(1)", files=files + [{"path": "small.py", "content": "x = 1"}])
    late = [f["file"] for f in doc["validation"]["findings"] if f["rule"] == "bounds.parse-time"]
    assert "small.py" in late and "main.py" not in late, late


def test_code_that_cannot_be_read_is_refused(stack):
    for name in ("helper.pyc", "helper.so", "a.pth"):
        doc = score(stack, "import helper", files=[{"path": name, "content": "AAAA", "encoding": "base64"}])
        assert rules(doc) == {"python.binary-file"} and doc["validation"]["decision"] == "rejected", name


def test_a_language_without_a_runtime_is_scored(make_stack):
    stack = make_stack(slots=1, queue=1, workers=2,
                       before=lambda s: os.unlink(s.path("conf", "sandgate", "runtimes.d", "node.conf")))
    doc = score(stack, 'require("child_process").exec("id")', language="js")
    assert doc["language"] == "javascript" and rules(doc) == {"javascript.import.child_process", "javascript.exec"}
    assert stack.post({"language": "javascript", "code": "1"}).status == 422
    problem = score(stack, "1", status=422, language="cobol")
    assert problem["errors"][0]["detail"].endswith("allowed: python, python3, py, javascript"), problem


def test_policies(stack):
    code = 'import os, sys\nprint(os.getcwd(), sys.version)'
    assert score(stack, code)["validation"]["decision"] == "rejected"
    balanced = score(stack, code, policy="balanced")["validation"]
    assert balanced["decision"] == "allowed" and balanced["policy"] == "balanced"
    assert execute(stack, code, policy="balanced")["status"] == "success"
    versions = {score(stack, code, policy=p)["validation"]["policy_version"] for p in ("strict", "balanced", "report")}
    assert len(versions) == 3
    told = stack.get("/version").json
    assert set(told["policies"].values()) == versions and re.fullmatch("[0-9a-f]{16}", told["rules_version"])


@pytest.mark.parametrize("code", [
    'import os\nos.system("id")', "import os as o\nx = o\nx.popen('id')", "from os import *\nsystem('id')",
    'import os\ngetattr(os, "sys" + "tem")("id")', "import socket", "import subprocess", "().__class__.__subclasses__()",
    'eval("1")', 'import sys\nsys.modules["subprocess"]', "import os\nos.remove('a')",
])
def test_balanced_refuses_execution_network_and_escapes(stack, code):
    assert score(stack, code, policy="balanced")["validation"]["decision"] == "rejected"


def test_report_refuses_nothing(stack):
    doc = execute(stack, "import os\nprint(eval('1+1'))", policy="report")
    assert doc["status"] == "success" and doc["stdout"] == "2\n"
    assert doc["risk_score"] >= 60 and doc["validation"]["decision"] == "allowed"
    assert rules(doc) == {"python.import.os", "python.eval"}


BAD = [
    ({"policy": "lax"}, "/policy", "allowed: strict, balanced, report"),
    ({"policy": 1}, "/policy", "allowed: a string"),
    ({"stdin": "x"}, "/stdin", "is not a known field"),
    ({"language": "cobol"}, "/language", "allowed: javascript, js, node, nodejs, node-js, python, python3, py"),
    ({"validate": True}, "/validate", "is not a known field"),
]


@pytest.mark.parametrize("fields,pointer,text", BAD)
def test_bad_input(stack, fields, pointer, text):
    problem = score(stack, "1", status=422, **fields)
    (error,) = problem["errors"]
    assert problem["code"] == "invalid_request" and error["pointer"] == pointer and text in error["detail"], problem


def test_policy_beside_validate_false(stack):
    problem = stack.post({"language": "python", "code": "", "validate": False, "policy": "strict"}).problem()
    assert problem["status"] == 422 and problem["errors"][0]["pointer"] == "/policy"


def test_no_source_code_in_logs(stack):
    execute(stack, "secret_word = eval")
    wait_until(lambda: "outcome=rejected risk=40" in stack.log("workers"), what="the log's line")
    assert "secret_word" not in stack.log("workers")


# ---- who may choose ----------------------------------------------------------------------------------------------


def location(**params):
    told = " ".join("fastcgi_param %s %s;" % p for p in params.items())
    return "".join("""location = /strict%s { rewrite ^ %s break; include /etc/sandgate/nginx/sandgate-fastcgi.conf; %s
        fastcgi_pass sandgate_workers; }""" % (name, path, told) for name, path in (
            ("", "/v1/execute"), ("/validate", "/v1/validate"), ("/limits", "/v1/limits"), ("/runtimes", "/v1/runtimes"),
            ("/openapi.json", "/openapi.json")))


def at(stack, **body):
    return stack.post({"language": "python", "code": "import os", **body}, path="/strict")


def test_a_location_chooses_policies(make_stack):
    stack = make_stack(server=location(SANDGATE_POLICY='"balanced report"'))
    assert at(stack).json["validation"]["policy"] == "balanced"
    assert at(stack, policy="report").json["validation"]["policy"] == "report"
    assert at(stack, policy="strict").problem()["errors"][0]["pointer"] == "/policy"


def test_a_location_requires_validation(make_stack):
    stack = make_stack(server=location(SANDGATE_VALIDATE="required"))
    assert at(stack, validate=False).problem()["code"] == "validation_required"
    assert at(stack).json["status"] == "rejected"
    assert at(stack, policy="report").problem()["errors"] == [{
        "pointer": "/policy", "detail": '"report" refuses nothing, and the operator requires validation; allowed: strict, balanced'}]
    assert at(stack, policy="lax").problem()["errors"][0]["detail"] == '"lax" is not a policy here; allowed: strict, balanced'
    assert at(stack, policy="balanced").status == 200
    assert stack.post({"language": "python", "code": "import os", "validate": False}).json["status"] == "success"


@pytest.mark.parametrize("first,run", [("strict", ["strict", "balanced"]), ("report", ["report", "strict"])])
def test_what_is_listed_may_be_named(make_stack, first, run):
    """Of a run that has to be validated, a policy that refuses nothing only where the location puts it first; where nothing runs, any."""
    policies = {"strict": "strict balanced report", "report": "report strict"}[first]
    stack = make_stack(server=location(SANDGATE_VALIDATE="required", SANDGATE_POLICY='"%s"' % policies))
    told = stack.get("/strict/limits").json["validation"]
    schemas = stack.get("/strict/openapi.json").json["components"]["schemas"]
    of = {name: schemas[name]["properties"]["policy"] for name in ("ExecuteRequest", "ValidateRequest")}
    assert (told["policies"], told["policy"]) == (run, first)
    assert (of["ExecuteRequest"]["enum"], of["ExecuteRequest"]["default"]) == (run, first)
    assert of["ValidateRequest"]["enum"] == policies.split()
    for name in ("strict", "balanced", "report"):
        assert at(stack, policy=name).status == (200 if name in run else 422), name
        answer = stack.post({"language": "python", "code": "1", "policy": name}, path="/strict/validate")
        assert answer.status == (200 if name in policies.split() else 422), name
        if answer.status == 200:
            assert answer.json["validation"]["policy"] == name
    problem = stack.post({"language": "python", "code": "1", "policy": "lax"}, path="/strict/validate").problem()
    assert problem["errors"][0]["detail"].endswith("allowed: " + ", ".join(policies.split())), problem


def test_what_is_advised_for_a_language_without_rules_is_taken(make_stack):
    """Where validation is required, "validate": false is refused: what is told is what the location runs, if anything."""
    stack = make_stack(server=location(SANDGATE_VALIDATE="required") + location(SANDGATE_VALIDATE="required", SANDGATE_POLICY='"report strict"')
                       .replace("/strict", "/open"), languages=("python", "bash"))
    bash = {"language": "bash", "code": "echo 1"}
    for more in ({}, {"policy": "balanced"}):
        problem = stack.post({**bash, **more}, path="/strict").problem()
        assert (problem["code"], problem["hint"]) == ("validation_unavailable", None), problem
        assert problem["errors"] == [{"pointer": "/language", "detail": "is bash; there are no rules for it, and this location runs "
                                      "nothing without a risk score"}]
    problem = stack.post({**bash, "policy": "strict"}, path="/open").problem()
    assert (problem["code"], problem["hint"]) == ("validation_unavailable", None), problem
    assert problem["errors"] == [{"pointer": "/policy", "detail": "is strict, which runs nothing that there are no rules for; "
                                  "allowed for bash: report"}]
    assert stack.post({**bash, "policy": "report"}, path="/open").json["stdout"] == "1\n"


def test_a_language_that_can_only_be_refused_is_not_listed(make_stack):
    """Bash has no rules. Where validation is required it runs if the policy that is first lets such code run, and else never."""
    required = {"SANDGATE_VALIDATE": "required"}
    stack = make_stack(server=location(**required) + location(SANDGATE_POLICY='"report strict"', **required).replace("/strict", "/open")
                       + location().replace("/strict", "/free"), languages=("python", "bash"))
    for path, there in (("/strict", False), ("/open", True), ("/free", True)):
        listed = [runtime["language"] for runtime in stack.get(path + "/runtimes").json]
        schemas = stack.get(path + "/openapi.json").json["components"]["schemas"]
        run, scored = (schemas[name]["properties"]["language"]["enum"] for name in ("ExecuteRequest", "ValidateRequest"))
        detail = stack.post({"language": "cobol", "code": ""}, path=path).problem()["errors"][0]["detail"]
        assert "python" in listed and "python" in run and "python" in scored and "python, python3" in detail
        assert ("bash" in listed, "bash" in run, "bash" in detail, "bash" in scored) == (there, there, there, False), path


def test_a_location_can_only_tighten(make_stack):
    stack = make_stack(server=location(SANDGATE_POLICY="report"), validate='policies = { strict }')
    assert at(stack).status == 500
    assert "SANDGATE_POLICY" in stack.log("workers")
    assert stack.post({"language": "python", "code": "1", "policy": "report"}).status == 422


@pytest.mark.parametrize("more", [{}, {"SANDGATE_VALIDATE": "required"}])
def test_a_location_cannot_undo_what_the_file_requires(make_stack, more):
    """report refuses nothing, and lets languages run that there are no rules for."""
    stack = make_stack(server=location(SANDGATE_POLICY="report", **more), worker="allow_unvalidated = off",
                       languages=("python", "bash"))
    assert at(stack).status == 500 and at(stack, language="bash", code="echo").status == 500
    assert 'SANDGATE_POLICY puts "report" first, which refuses nothing' in stack.log("workers")
    assert stack.post({"language": "python", "code": "import os"}).json["status"] == "rejected"


def test_what_the_file_puts_first_a_location_may_too(make_stack):
    stack = make_stack(server=location(SANDGATE_POLICY="report"), worker="allow_unvalidated = off",
                       validate="policies = { report, strict }")
    assert at(stack).json["status"] == "success"


def test_the_operator_may_forbid_to_skip(make_stack):
    stack = make_stack(worker="allow_unvalidated = off")
    answer = stack.post({"language": "python", "code": "1", "validate": False})
    assert answer.status == 422 and answer.problem()["code"] == "validation_required"


def write(stack, path, text):
    with open(stack.path("conf", "sandgate", path), "w") as f:
        f.write(text)


def test_an_operators_own_rules_and_policies(make_stack):
    def before(stack):
        write(stack, "rules/python-own.scm", '((_) @use (#use? @use "math.sin")\n  (#rule! "own.sine" 50 high "sines" "cosines"))')
        write(stack, "policies.d/own.conf", "threshold = 60\noff = { python.eval }\nscores = { \"own.*=20\", \"python.exec=60\" }\n"
                                            "modules = { os }\n")
    stack = make_stack(before=before, validate="policies = { strict, own }")
    code = "import os, math\nmath.sin(1)\neval('1')\n"
    strict = score(stack, code)
    assert strict["risk_score"] == 100 and "own.sine" in rules(strict)
    own = score(stack, code, policy="own")
    assert own["risk_score"] == 20 and rules(own) == {"own.sine"} and own["validation"]["decision"] == "allowed"
    assert score(stack, code + "exec('1')", policy="own")["validation"]["decision"] == "rejected"


BROKEN = [
    ("rules/python-own.scm", '((call) @x)\n', "python-own.scm:1:1: a pattern without"),
    ("rules/python-own.scm", '\n  ((no_such_node) @x (#rule! "a" 1 low "b" "c"))', "python-own.scm:2:5: the grammar has no node"),
    ("policies.d/own.conf", "off = { python.evil }\n", 'own.conf: off: there is no rule "python.evil"'),
    ("policies.d/own.conf", "threshold = 0\n", "own.conf:1: threshold"),
]


@pytest.mark.parametrize("path,text,message", BROKEN)
def test_broken_rules_and_policies_stop_the_worker(make_stack, path, text, message):
    stack = make_stack(before=lambda s: write(s, path, text), wait=False)
    done = subprocess.run([stack.path("bin", "sandgate-fcgi"), "-c", stack.path("conf", "sandgate.conf")],
                          env={"REQUEST_METHOD": "GET", "GATEWAY_INTERFACE": "CGI/1.1", "PATH": "/usr/bin"},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1 and message in done.stderr.decode(), done
