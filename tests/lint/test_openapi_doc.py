"""fcgi/openapi.json against the standard, a linter, and the sources that say the same: routes, problems, names that are refused.
The service itself: tests/integration/test_openapi.py."""

import json
import os
import re
import shutil
import subprocess

import jsonschema
import pytest

from openapi import Api, shipped
from source import SOURCE, read

BUILD = os.path.abspath(os.environ.get("SG_BUILDDIR") or os.path.join(SOURCE, "_build", "gcc"))
TOOLS = os.environ.get("SG_TOOLS") or os.path.join(os.path.dirname(BUILD), "tools")
LINTER = os.path.join(SOURCE, "tests", "tools", "lint_openapi.cjs")
API = Api()
EXAMPLES = list(API.examples())


def tool(*path):
    found = os.path.join(TOOLS, "node_modules", *path)
    if not os.path.exists(found):
        pytest.skip("%s is not in %s: ./check fetches it" % (path[0] + "/" + path[1], TOOLS))
    return found


def lint(path):
    tool("@redocly", "openapi-core")
    node = shutil.which("node")
    assert node, "node is not installed"
    return subprocess.run([node, LINTER, TOOLS, path], capture_output=True, text=True, timeout=120)


def test_linter_finds_nothing():
    done = lint(os.path.join(SOURCE, "fcgi", "openapi.json"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done.stdout + done.stderr


@pytest.mark.parametrize("rule,breaking", [
    ("no-unresolved-refs", lambda d: d["paths"]["/health"]["get"]["responses"].update({"404": {"$ref": "#/components/responses/None"}})),
    ("operation-operationId-unique", lambda d: d["paths"]["/health"]["get"].update(operationId="getReady")),
    ("no-unused-components", lambda d: d["components"]["schemas"].update(Left={"type": "string"})),
    ("struct", lambda d: d["paths"]["/health"]["get"].update(tags=3)),
    ("no-invalid-media-type-examples", lambda d: d["paths"]["/v1/execute"]["post"]["requestBody"]["content"]["application/json"]
     ["examples"]["hello"]["value"].update(foo=1)),
    ("response-contains-header", lambda d: d["components"]["responses"]["NotFound"].pop("headers")),
])
def test_linter_finds(tmp_path, rule, breaking):
    document = shipped()
    breaking(document)
    (tmp_path / "broken.json").write_text(json.dumps(document))
    done = lint(str(tmp_path / "broken.json"))
    assert done.returncode == 1 and " %s " % rule in done.stdout, done.stdout + done.stderr


def test_is_openapi():
    """By the JSON schema that the OpenAPI Initiative publishes for 3.1."""
    with open(tool("@seriousme", "openapi-schema-validator", "schemas", "v3.1", "schema.json"), encoding="utf-8") as f:
        schema = json.load(f)
    assert schema["$id"].startswith("https://spec.openapis.org/oas/3.1/schema/")
    validator = jsonschema.Draft202012Validator(schema)
    assert not [e.message for e in validator.iter_errors(API.document)]
    assert [e for e in validator.iter_errors({**API.document, "paths": {"/x": {"get": {"responses": 3}}}})]


@pytest.mark.parametrize("name", sorted(API.document["components"]["schemas"]))
def test_schemas_are_schemas(name):
    jsonschema.Draft202012Validator.check_schema(API.document["components"]["schemas"][name])


@pytest.mark.parametrize("where,schema,value", EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_examples(where, schema, value):
    API.check_body(schema, value)


def test_requests_are_strict():
    """No object of a request takes a name that is not told."""
    def walk(schema):
        schema = API.resolve(schema)
        if "properties" in schema and schema.get("type") == "object":
            assert schema["additionalProperties"] is False, schema
        for part in schema.get("properties", {}).values():
            walk(part)
        for part in ([schema["items"]] if "items" in schema else []) + schema.get("oneOf", []):
            walk(part)
    for _, _, operation in API.operations():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            walk(content["schema"])


def test_routes():
    routes = re.findall(r'\{"([A-Z]+)", "(/[a-z0-9/.]+)", sg_handle_', read("fcgi", "route.c"))
    assert len(routes) > 8
    assert [(method, path) for method, path, _ in API.operations()] == routes


def test_every_error_has_a_form():
    """What nginx may answer to anything is told of each operation; what a body can be refused for, of those that have one."""
    for method, path, operation in API.operations():
        told = set(operation["responses"])
        assert {"200", "400", "401", "403", "404", "405", "406", "414", "429", "431", "500", "502", "503", "504", "default"} <= told, path
        assert ({"408", "411", "413", "415", "422"} <= told) == (method == "POST"), path


def rows_of_workers():
    text = r'(NULL|(?:"(?:[^"\\]|\\.)*"\s*)+)'
    row = r'\[SG_PROBLEM_[A-Z_]+\]\s*=\s*\{\s*"([a-z_]+)",\s*(\d{3}),\s*' + text + r',\s*(true|false),\s*' + text
    for code, status, title, again, hint in re.findall(row, read("fcgi", "problem.c")):
        texts = [None if text == "NULL" else "".join(json.loads('"%s"' % t) for t in re.findall(r'"((?:[^"\\]|\\.)*)"', text))
                 for text in (title, hint)]
        if code != "none":
            yield {"code": code, "status": int(status), "title": texts[0], "retryable": again == "true", "hint": texts[1]}


def rows_of_nginx():
    tables = {}
    for name in ("title", "code", "detail", "hint", "retryable"):
        table = re.search(r"map \$status \$sandgate_%s \{(.*?)\n\}" % name, read("nginx-conf", "sandgate-problems.conf"), re.S).group(1)
        tables[name] = dict(re.findall(r'^\s*(default|\d{3}) "?([^";]*)"?;', table, re.M))
    for status in tables["code"]:
        row = {name: table.get(status, table["default"]) for name, table in tables.items()}
        yield {**row, "status": None if status == "default" else int(status), "retryable": row["retryable"] == "true"}


def problems():
    """(status, codes, examples) of each response that is a problem."""
    for name, response in API.document["components"]["responses"].items():
        content = response["content"]["application/problem+json"]
        own = content["schema"]["allOf"][1]["properties"]
        codes = own["code"].get("enum") or [own["code"]["const"]]
        yield own.get("status", {}).get("const"), codes, [e["value"] for e in content["examples"].values()]


def test_problems_are_those_of_the_tables():
    told = {(code, status) for status, codes, _ in problems() for code in codes}
    rows = list(rows_of_workers()) + list(rows_of_nginx())
    assert len(rows) > 38
    assert told == {(row["code"], row["status"]) for row in rows}


def test_each_code_has_an_example_with_the_words_of_the_tables():
    rows = list(rows_of_workers()) + list(rows_of_nginx())
    made = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', read("fcgi", "request_screen.c")))  # hints that depend on the location
    for _, codes, examples in problems():
        assert sorted({e["code"] for e in examples}) == sorted(codes)
        for e in examples:
            fits = [r for r in rows if r["code"] == e["code"] and r["status"] in (None, e["status"]) and r["title"] in (e["title"], "Error")
                    and r["retryable"] == e["retryable"] and r.get("detail", e["detail"]) == e["detail"]
                    and (r["hint"] == e["hint"] or "step" in e or (r["hint"] is None and json.dumps(e["hint"])[1:-1] in made))]
            assert fits, e
            if "step" in e:
                assert re.search(r'"%s",[\s\\]*"%s' % (e["step"], e["hint"][:40]), read("core", "sandbox", "steps.h")), e


def test_who_is_told_to_wait_is_told_how_long():
    """The codes whose row in docs/API.md has the header."""
    waits = set(re.findall(r"^\| `(\w+)` \| \d{3} \|.*`Retry-After`", read("docs", "API.md"), re.M))
    assert len(waits) > 6
    for _, _, examples in problems():
        for e in examples:
            assert ("retry_after_s" in e) == (e["code"] in waits), e["code"]


def test_figures_are_as_shipped():
    def shown(path):
        content = next(o for _, p, o in API.operations() if p == path)["responses"]["200"]["content"]
        (example,) = [e["value"] for e in content["application/json"]["examples"].values()]
        return example
    units = {"k": 1 << 10, "m": 1 << 20, "ms": 1, "s": 1000, "": 1}
    rows = re.findall(r'\{"validate", "(\w+)", SG_KEY_NUMBER,[^"]*"(\d+)([a-z]*)"', read("core", "config", "schema.c"))
    assert len(rows) == 5
    told = shown("/v1/limits")["validation"]
    assert {name: told[name] for name, _, _ in rows} == {name: int(n) * units[unit] for name, n, unit in rows}
    assert shown("/version")["protocol"] == int(re.search(r"#define SG_MSG_VERSION (\d+)", read("core", "ipc", "message.h"))[1])


def test_names_that_load_code():
    """The pattern is the table of core/model/job.c."""
    source = read("core", "model", "job.c")
    table = source[source.index("code_loading_names[]"):source.index("static bool loads_code")]
    names = re.findall(r'^    "([A-Za-z0-9_]+\*?)",$', table, re.M)
    assert len(names) > 60
    pattern = API.document["components"]["schemas"]["Environment"]["propertyNames"]["not"]["pattern"]
    assert pattern == "^(?:%s)$" % "|".join(name.replace("*", ".*") for name in names)
