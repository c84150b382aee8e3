"""SARIF 2.1.0 (OASIS): what the service and the command line tool write, against the JSON schema of the standard, and
against what the standard says beside it. Section numbers are those of the standard."""

import base64
import copy
import json
import os
import re
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from corpus import TOP, programs
from stack import BUILD
from test_cli import Cli

TOOLS = os.environ.get("SG_TOOLS") or os.path.join(os.path.dirname(BUILD), "tools")
# What it allows was compared, member by member, with OASIS's own sarif-schema-2.1.0.json: it is that of 2020 (but for
# suppression.state, which it calls status, as the errata of 2023 do). What the errata ask for beyond it is in schema().
SCHEMA = os.path.join(TOOLS, "node_modules", "@microsoft", "jest-sarif", "lib", "schemas", "sarif-2.1.0-rtm.5.json")
PLAIN = r"[A-Za-z0-9\-._~!$&'()*+,;=@]|%[0-9A-F]{2}"
URI = re.compile(r"(?:file:///)?(?:%s)*(?:/(?:%s|:)*)*" % (PLAIN, PLAIN))  # RFC 3986: path-noscheme, or of a file
SARIF = "application/sarif+json"
_schema = []


def schema():
    if not _schema:
        if not os.path.exists(SCHEMA):
            pytest.skip("the JSON schema of SARIF is not in %s: ./check fetches it" % TOOLS)
        with open(SCHEMA, encoding="utf-8") as f:
            read = json.load(f)
        assert read["definitions"]["run"]["required"] == ["tool"] and len(read["definitions"]) > 40
        read["definitions"]["region"]["anyOf"] = [{"required": [m]} for m in ("startLine", "charOffset", "byteOffset")]
        jsonschema.Draft4Validator.check_schema(read)
        _schema.append(read)
    return _schema[0]


def check_sarif(document):
    """Asserts that a dict is SARIF 2.1.0, and that it is of the form that Sandgate gives it. Gives its one run."""
    errors = jsonschema.Draft4Validator(schema()).iter_errors(document)
    assert not (found := ["/%s: %s" % ("/".join(map(str, e.absolute_path)), e.message) for e in errors]), found
    (run,) = document["runs"]
    rules, artifacts = run["tool"]["driver"]["rules"], run["artifacts"]
    assert len({r["id"] for r in rules}) == len(rules)
    assert {r["ruleIndex"] for r in run["results"]} == set(range(len(rules))), "each rule is referred to"
    for artifact in artifacts:
        assert URI.fullmatch(artifact["location"]["uri"]), artifact
    for rule in rules:
        assert re.fullmatch(r"\d\.\d|10\.0", rule["properties"]["security-severity"]), rule
    for result in run["results"]:
        check_result(result, rules, artifacts)
    assert run["columnKind"] == "unicodeCodePoints"
    return run


def check_result(result, rules, artifacts):
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]  # 3.27.6
    assert (result["kind"] == "fail") == (result["level"] != "none")  # 3.27.9, 3.27.10
    assert (result["kind"] == "fail") == ("rank" in result)  # 3.27.25
    (location,) = result["locations"]
    place = location["physicalLocation"]
    index = place["artifactLocation"]["index"]
    assert index >= 0 and artifacts[index]["location"]["uri"] == place["artifactLocation"]["uri"]  # 3.4.5
    region = place["region"]
    assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"]), region


def region_text(content, region):
    """What a region holds (3.30), by other means than ours; a carriage return alone ends a line, too."""
    lines = re.findall(r"(?:[^\r\n]|\r(?=\n))*(?:\n|\r(?!\n)|\Z)", content)
    first, last = region["startLine"] - 1, region["endLine"] - 1
    start = sum(map(len, lines[:first])) + region["startColumn"] - 1
    return content[start:sum(map(len, lines[:last])) + region["endColumn"] - 1]


def check_findings(run, validation, contents):
    """Does the run say what the JSON document says of the same files? contents: text by index; None: not text."""
    properties = run["properties"]
    for member in ("threshold", "decision", "policy", "policy_version", "findings_omitted"):
        assert properties[member] == validation[member], member
    assert properties["risk_score"] == validation["score"]
    assert len(run["results"]) == len(validation["findings"])
    for result, finding in zip(run["results"], validation["findings"]):
        place = result["locations"][0]["physicalLocation"]
        region, index = place["region"], place["artifactLocation"]["index"]
        assert (result["ruleId"], result["message"]["text"]) == (finding["rule"], finding["message"])
        assert unquote(urlsplit(place["artifactLocation"]["uri"]).path) == finding["file"]
        assert [region[m] for m in ("startLine", "startColumn", "endLine", "endColumn")] == \
            [finding[m] for m in ("line", "column", "end_line", "end_column")]
        assert result["properties"]["score"] == finding["score"] == result.get("rank", 0)
        assert result["properties"].get("remedy") == finding["remedy"]
        level = {"high": "error", "critical": "error", "medium": "warning"}.get(finding["severity"], "note")
        assert result["level"] == (level if finding["score"] else "none")
        text = region_text(contents[index], region) if contents[index] is not None else ""
        if len(text.encode()) <= 1024:
            assert region.get("snippet", {}).get("text", "") == text, result
        else:
            assert "snippet" not in region


# ---- the check itself --------------------------------------------------------------------------------------------

GOOD = {
    "version": "2.1.0",
    "runs": [{
        "tool": {"driver": {"name": "x", "rules": [{"id": "a.b", "properties": {"security-severity": "3.0"}}]}},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": "a%20b/c:d.py"}}],
        "results": [{
            "ruleId": "a.b", "ruleIndex": 0, "kind": "fail", "level": "error", "rank": 30, "message": {"text": "m"},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": "a%20b/c:d.py", "index": 0},
                "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 5}}}],
        }],
    }],
}
RESULT = ("runs", 0, "results", 0)
PLACE = RESULT + ("locations", 0, "physicalLocation")
BAD = [
    (("version",), "2.2.0"),
    (("version",), None),
    (("unknown",), 1),
    (("runs", 0, "tool"), None),
    (("runs", 0, "tool", "driver", "name"), None),
    (("runs", 0, "columnKind"), "bytes"),
    (("runs", 0, "artifacts", 0, "location", "uri"), "a b.py"),
    (("runs", 0, "artifacts", 0, "length"), -2),
    (("runs", 0, "tool", "driver", "rules", 0, "properties", "tags"), ["a", "a"]),
    (("runs", 0, "tool", "driver", "rules", 0, "properties", "security-severity"), "high"),
    (RESULT + ("message",), None),
    (RESULT + ("level",), "fatal"),
    (RESULT + ("level",), "none"),
    (RESULT + ("kind",), "informational"),
    (RESULT + ("rank",), 101),
    (RESULT + ("rank",), None),
    (RESULT + ("ruleIndex",), 1),
    (RESULT + ("ruleId",), "a.c"),
    (PLACE + ("artifactLocation", "index"), -1),
    (PLACE + ("artifactLocation", "uri"), "other.py"),
    (PLACE + ("region", "startLine"), 0),
    (PLACE + ("region", "startLine"), None),
    (PLACE + ("region", "endLine"), "1"),
    (PLACE + ("region", "endColumn"), 0),
    (PLACE + ("region", "startColumn"), 6),
    (PLACE + ("region", "snippet"), "text"),
]


def test_the_check_accepts_what_is_right():
    check_sarif(GOOD)


@pytest.mark.parametrize("path,value", BAD, ids=lambda v: "/".join(map(str, v)) if isinstance(v, tuple) else repr(v))
def test_the_check_finds_what_is_wrong(path, value):
    schema()
    document = copy.deepcopy(GOOD)
    holder = document
    for part in path[:-1]:
        holder = holder[part]
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    with pytest.raises((AssertionError, KeyError)):
        check_sarif(document)


def test_regions_of_the_standards_own_example():
    """3.30.2 has them."""
    text = "abcd\r\nefg\r\nhijk\r\nlmn\r\n"
    assert region_text(text, {"startLine": 2, "startColumn": 2, "endLine": 2, "endColumn": 4}) == "fg"
    assert region_text(text, {"startLine": 2, "startColumn": 1, "endLine": 3, "endColumn": 1}) == "efg\r\n"
    assert region_text(text, {"startLine": 1, "startColumn": 2, "endLine": 1, "endColumn": 2}) == ""
    assert region_text("a\rb\r", {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 2}) == "b"


# ---- sandgate validate --sarif -----------------------------------------------------------------------------------


@pytest.fixture
def cli(stack, tmp_path):
    return Cli(stack, str(tmp_path), "service")


def both(cli, *args, input=None):
    """(exit status, the run of --sarif, the validation of --json)"""
    status, out, err = cli("validate", "--sarif", *args, input=input)
    assert err == b"" and out.endswith(b"}\n"), err
    again, plain, _ = cli("validate", "--json", *args, input=input)
    assert status == again == (1 if json.loads(plain)["validation"]["decision"] == "rejected" else 0)
    return status, check_sarif(json.loads(out)), json.loads(plain)["validation"]


@pytest.mark.parametrize("language", ["python", "javascript"])
@pytest.mark.parametrize("kind", ["dangerous", "harmless"])
def test_the_corpus(cli, language, kind):
    """60 files a run, so that there are rules, places and files of every kind in one document."""
    some = [p for p in programs() if (p.language, p.kind) == (language, kind)]
    assert len(some) > 50
    for first in range(0, len(some), 60):
        part = some[first:first + 60]
        paths = [os.path.join(TOP, p.name) for p in part]
        status, run, validation = both(cli, "--language", language, *paths)
        check_findings(run, validation, [p.text for p in part])
        assert [unquote(urlsplit(a["location"]["uri"]).path) for a in run["artifacts"]] == paths
        assert [a["length"] for a in run["artifacts"]] == [len(p.bytes) for p in part]
        assert {a.get("sourceLanguage") for a in run["artifacts"]} == {language}
        if kind == "dangerous":
            assert status == 1 and run["results"]


def test_one_file(cli):
    cli.write("main.py", "import os\n\nos.system('x')\n")
    status, run, validation = both(cli, "main.py")
    assert status == 1 and [r["ruleId"] for r in run["results"]] == ["python.import.os", "python.os.run"], run
    assert run["results"][1]["locations"][0]["physicalLocation"]["region"]["snippet"]["text"].startswith("os.system")
    assert re.fullmatch(r"sandgate/[0-9a-f-]{36}", run["automationDetails"]["id"])
    assert run["tool"]["driver"]["name"] == "sandgate" and run["tool"]["driver"]["version"]
    assert [r["shortDescription"]["text"] for r in run["tool"]["driver"]["rules"]] == \
        [f["message"] for f in validation["findings"]]


ODD_NAMES = ["a b.py", "h\u00e4\u20ac\U0001f40d.py", "a#b?c.py", "50%41.py", "c:d.py", "q\"<>[]{}|^`.py", "back\\slash.py", "..a.py"]


def test_odd_names(cli):
    for name in ODD_NAMES:
        cli.write(name, "eval\n")
    status, run, validation = both(cli, *ODD_NAMES)
    check_findings(run, validation, ["eval\n"] * len(ODD_NAMES))
    assert status == 1 and len(run["results"]) == len(ODD_NAMES)
    assert [unquote(a["location"]["uri"]) for a in run["artifacts"]] == ODD_NAMES


def test_stdin_and_what_is_no_code(cli):
    data = cli.write("data.txt", "import os")
    _, run, validation = both(cli, "-l", "py", "-", data, input=b"import os\r\n")
    check_findings(run, validation, ["import os\r\n", "import os"])
    assert [a.get("sourceLanguage") for a in run["artifacts"]] == ["python", None]
    assert run["artifacts"][0]["location"]["uri"] == "(stdin)"


def test_nothing_found(cli):
    status, run, _ = both(cli, cli.write("fine.py", "print(1)\n"))
    assert status == 0 and run["results"] == [] and run["tool"]["driver"]["rules"] == []
    assert run["properties"]["decision"] == "allowed" and run["properties"]["risk_score"] == 0


def test_more_findings_than_are_kept(cli):
    text = "eval\n" * 300
    _, run, validation = both(cli, cli.write("many.py", text))
    check_findings(run, validation, [text])
    assert len(run["results"]) == 200 and run["properties"]["findings_omitted"] == 100


# ---- POST /v1/validate -------------------------------------------------------------------------------------------


def post(stack, accept=SARIF, **body):
    answer = stack.post({"language": "python", **body}, path="/v1/validate", headers={"Accept": accept})
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"] == (SARIF if accept == SARIF else "application/json")
    return answer.json


CODES = {
    "findings": "import os as o\nif o:\n    o.system('x'); e = eval\n",
    "nothing": "print(1)\n",
    "empty": "",
    "does not parse": "print('a'\n",
    "wide": "\u00e4 = '\U0001f40d'; e = eval\n",
    "mark of byte order": "\ufeffimport os\n",
    "line feeds and others": "x = 1\r\nimport os\ry = eval\n\r\nz = exec\f\n",
    "control characters": "eval('\t\x01\x7f\x1b[0m\u2028')\n",
    "a long call": "eval(\n" + "  'x' +\n" * 2000 + "  'y')\n",
    "coding": "# -*- coding: utf-7 -*-\nprint(1)",
    "too deep": "x = " + "1 + " * 5000 + "1",
}


@pytest.mark.parametrize("name", CODES)
def test_code(stack, name):
    run = check_sarif(post(stack, code=CODES[name], id="job-1"))
    check_findings(run, post(stack, "application/json", code=CODES[name])["validation"], [CODES[name]])
    assert run["automationDetails"]["id"] == "sandgate/job-1"
    assert run["artifacts"][0] == {"location": {"uri": "main.py"}, "length": len(CODES[name].encode()),
                                   "sourceLanguage": "python"}


def test_files(stack):
    files = [{"path": "lib/a b#\u00e9%.py", "content": "x = 1\ny = eval\n"}, {"path": "data.txt", "content": "import os"},
             {"path": "bad.py", "content": base64.b64encode(b"print(1)\n\xff").decode(), "encoding": "base64"}]
    run = check_sarif(post(stack, code="import os", files=files))
    plain = post(stack, "application/json", code="import os", files=files)
    check_findings(run, plain["validation"], ["import os", files[0]["content"], "import os", None])
    assert {r["ruleId"] for r in run["results"]} == {"python.import.os", "python.eval", "bounds.encoding"}
    assert run["artifacts"][1]["location"]["uri"] == "lib/a%20b%23%C3%A9%25.py"
    assert "sourceLanguage" not in run["artifacts"][2]


def test_javascript(stack):
    code = "const c = require('child_process');\nc.exec('id');\n"
    run = check_sarif(post(stack, code=code, language="js"))
    check_findings(run, post(stack, "application/json", code=code, language="js")["validation"], [code])
    assert run["artifacts"][0]["sourceLanguage"] == "javascript" and len(run["results"]) == 2


def test_problems_are_no_sarif(stack):
    answer = stack.post({"language": "cobol", "code": "x"}, path="/v1/validate", headers={"Accept": SARIF})
    assert answer.status == 422 and answer.problem()["code"] == "invalid_request"
