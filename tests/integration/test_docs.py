"""docs/API.md and README.md against the running service: each curl command is run as it stands there (with the
harness's address), its answer compared with the one that is printed; members, limits and problem codes both ways."""

import json
import re
import shlex
import subprocess

import pytest

from source import read

ADDRESS = "http://127.0.0.1:8080"
CUT = "…"
# Values below these members differ from run to run, or from host to host: only their form is compared.
VARIES = {"id", "request_id", "resource_usage", "timings", "isolation", "error", "peak", "limits_hit", "version",
          "packages", "start", "templates", "compiler", "slots", "running", "queue_max", "queued", "runs_total", "optimized", "sanitized",
          "policy_version", "rules_version", "policies"}
API = read("docs", "API.md")
README = read("README.md")


def blocks(text):
    """(language, content) of each fenced block, in order."""
    return re.findall(r"^```([a-z]*)\n(.*?)^```$", text, re.M | re.S)


def curls(text):
    """(command, documented answer or None) of each block that is a curl command; the text of one that is not JSON."""
    found = blocks(text)
    for i, (language, content) in enumerate(found):
        if language == "sh" and content.startswith("curl "):
            after = found[i + 1] if i + 1 < len(found) else ("", "")
            events = "text/event-stream" in content
            yield content, after[1] if events else json.loads(after[1]) if after[0] == "json" else None


def section(begin, end=None):
    start = API.index(begin)
    return API[start:API.index(end, start + 1) if end else None]


def rows(text):
    """Cells of each table row whose first cell begins with a name."""
    return [[cell.strip() for cell in line.strip("|").split(" | ")]
            for line in text.splitlines() if re.match(r"\| `", line)]


def names(cell):
    return re.findall(r"`([a-z_]+)`", cell)


def members(value, path=""):
    """Dotted names of everything in a document."""
    if isinstance(value, dict):
        return {m for k, v in value.items() for m in {path + k} | members(v, path + k + ".")}
    if isinstance(value, list):
        return {m for v in value for m in members(v, path)}
    return set()


# In the hint of a run that was slow because of its share of CPU; on a busy machine another one is, too.
THROTTLED = " limits.cpu_percent, whose share it used up; or"


def compare(documented, real, path="", varies=False):
    if isinstance(documented, dict):
        assert isinstance(real, dict), (path, real)
        for key, value in documented.items():
            if key == CUT:
                continue
            assert key in real, (path, key)
            compare(value, real[key], path + "/" + key, varies or key in VARIES)
        if CUT not in documented and not varies:
            assert set(documented) == set(real), path
    elif varies:
        kinds = [(int, float) if type(x) in (int, float) else type(x) for x in (documented, real)]
        assert kinds[0] == kinds[1] or documented is None or real is None, (path, documented, real)
    elif isinstance(documented, list):
        assert len(documented) == len(real), (path, real)
        for i, value in enumerate(documented):
            compare(value, real[i], "%s/%d" % (path, i))
    else:
        assert documented == real or documented == str(real).replace(THROTTLED, ""), path


def compare_events(documented, real):
    """Name by name; a line that is cut short is compared as far as it goes, each other one as JSON."""
    found = [event.split("\ndata: ") for event in real.split("\n\n")[:-1]]
    wanted = [event.split("\ndata: ") for event in documented.rstrip("\n").split("\n\n")]
    assert [name for name, _ in found] == [name for name, _ in wanted]
    for (name, data), (_, want) in zip(found, wanted):
        if CUT in want:
            assert data.startswith(want[:want.index(", " + CUT)]), (name, data)
        else:
            compare({**json.loads(want), CUT: CUT}, {**json.loads(data), CUT: CUT}, name)


EXAMPLES = [(name, *example) for name, text in (("API.md", API), ("README.md", README)) for example in curls(text)]


def test_there_are_examples():
    assert {name for name, _, _ in EXAMPLES} == {"API.md", "README.md"} and len(EXAMPLES) >= 10
    for name, command, _ in EXAMPLES:
        assert ADDRESS in command, (name, command)


@pytest.mark.parametrize("name,command,answer", EXAMPLES,
                         ids=["%s-%d" % (example[0], i) for i, example in enumerate(EXAMPLES)])
def test_curl(stack, name, command, answer):
    here = command.replace(ADDRESS, "http://127.0.0.1:%d" % stack.port)
    done = subprocess.run(["/bin/sh", "-c", here], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    if isinstance(answer, str):
        compare_events(answer, done.stdout.decode())
        return
    real = json.loads(done.stdout)
    if answer is not None:
        compare(answer, real)
    elif "/v1/execute" in command:
        assert real["success"] is True, real


def test_commands_are_whole():
    """As a shell reads them: no quotation mark is missing, and the body is JSON."""
    for _, command, _ in EXAMPLES:
        words = shlex.split(command)
        assert words[0] == "curl"
        if "-d" in words:
            json.loads(words[words.index("-d") + 1])


def test_members_of_a_run(stack):
    """The tables below "The answer" have exactly the members of a real answer."""
    documented = set()
    path = ""
    for line in section("### The answer", "`termination.reason` is one of").splitlines():
        heading = re.match(r"#### `([a-z_]+)`", line)
        path = heading.group(1) + "." if heading else path
        documented |= {path + n for row in rows(line) for n in names(row[0])}
    assert documented == members(stack.run("print(1)"))
    assert documented == members(stack.run("1 / 0"))


def test_members_of_a_test(stack):
    """A test has what a run has, but for what is the document's alone, and what its own table adds."""
    run = stack.run("print(1)")
    doc = stack.run("print(1)", tests=[{}, {"expected_stdout": "2"}, {}], test_options={"stop_on_failure": True})
    tables = section("### Test cases", "- **Output in sum**").split("| `test_summary` |")
    added = {name for row in rows(tables[1]) for name in names(row[0])}
    whole = {"id", "risk_score", "validation", "compile", "test_summary", "tests", "files", "files_omitted", "runtime", "engine"}
    assert {t["status"] for t in doc["tests"]} == {"success", "skipped"}
    for test in doc["tests"]:
        assert set(test) == set(run) - whole | {"name", "passed"}
        assert added - {"tests"} <= set(test)
    assert set(doc) == set(run)
    null = {name for name, value in doc.items() if value is None}
    assert {n for n in null if not n.startswith(("stdout", "stderr"))} == {
        "exit_code", "signal", "termination", "denied_syscalls", "isolation", "risk_score", "compile", "files", "files_omitted"}


@pytest.mark.parametrize("path", ["/v1/limits", "/v1/runtimes", "/ready", "/version", "/health"])
def test_members_of_status(stack, path):
    doc = stack.get(path).json
    if path == "/v1/runtimes":
        for runtime in doc:
            runtime["packages"] = {}
    for name in members(doc):
        last = name.split(".")[-1]
        assert "`%s`" % last in API or '"%s"' % last in API, name


def test_members_of_a_problem(stack):
    documented = {n for row in rows(section("## Errors", "`by`: who")) for n in names(row[0])}
    worker, nginx = stack.post("{}").problem(), stack.get("/nothing").problem()
    assert set(worker) == set(nginx) == documented - {"step", "retry_after_s"}
    assert {key for error in worker["errors"] for key in error} == {"pointer", "detail"}


def test_limits(stack):
    doc = stack.get("/v1/limits").json
    tables = section("\n## Limits", "\n## Policy").split("Bounds of the request itself")
    limits = {names(row[0])[0]: row[1:] for row in rows(tables[0])}
    assert {name: [i["unit"], str(i["default"]), str(i["minimum"]), str(i["maximum"])]
            for name, i in doc["limits"].items()} == {name: row[:4] for name, row in limits.items()}
    bounds = {names(row[0])[0]: int(row[2]) for row in rows(tables[1])}
    assert bounds == doc["request"]


def test_limits_in_the_requests_table(stack):
    """What the table of request fields says about bounds in words."""
    doc = stack.get("/v1/limits").json
    fields = {names(row[0])[0]: row[2] for row in rows(section("## POST", "### Bad input"))}
    request, wall = doc["request"], doc["limits"]["wall_time_ms"]
    seconds = tuple(wall[name] / 1000 for name in ("minimum", "maximum", "default"))
    assert "%g to %g; default %g" % seconds in fields["timeout"]
    assert "at most %d MiB" % (request["file_bytes"] >> 20) in fields["code"]
    assert "%d in all" % request["files"] in fields["files"]
    assert "at most %d MiB" % (request["stdin_bytes"] >> 20) in fields["stdin"]
    assert fields["args"].startswith("%d; " % request["args"])
    assert "%d KiB together" % (request["args_and_env_bytes"] >> 10) in fields["args"]
    assert fields["env"].startswith("%d; " % request["env"])
    assert fields["tests"].startswith("1 to %d; " % request["tests"])
    cases = section("### Test cases", "## POST /v1/validate")
    assert "at most %d bytes, no NUL" % request["test_name_bytes"] in cases
    assert "at most %d MiB together (`tests_output_bytes`" % (request["tests_output_bytes"] >> 20) in cases
    text = section("## POST", "### The answer")
    assert "more than %d levels, or more than %s values" % (
        request["json_depth"], "{:,}".format(request["json_values"])) in text
    assert "of at most %d names and %d bytes" % (request["path_depth"], request["path_bytes"]) in text


def nginx_map(variable):
    text = read("nginx-conf", "sandgate-problems.conf")
    table = re.search(r"map \$status \$%s \{(.*?)\n\}" % variable, text, re.S).group(1)
    return dict(re.findall(r'^\s*(default|\d{3}) "?([^";]*)"?;', table, re.M))


def test_codes_with_status_and_retryable():
    """Both ways, for workers (fcgi/problem.c) and for nginx (its tables)."""
    row_of_source = r'\[SG_PROBLEM_[A-Z_]+\]\s*=\s*\{\s*"([a-z_]+)",\s*(\d{3}),\s*(?:"[^"]*"\s*)+,\s*(true|false)'
    found = re.findall(row_of_source, read("fcgi", "problem.c"))
    source = {("W", code, status, retryable == "true") for code, status, retryable in found if code != "none"}
    codes, retryable = nginx_map("sandgate_code"), nginx_map("sandgate_retryable")
    source |= {("N", code, "any other" if status == "default" else status, retryable.get(status) == "true")
               for status, code in codes.items()}
    documented = set()
    for row in rows(section("`by`: who", "Of one request that came")):
        documented |= {(by, names(row[0])[0], row[1], row[3] == "yes") for by in row[2].split(", ")}
    assert len(source) > 35
    assert documented == source


def test_codes_with_retry_after():
    """nginx's; those of workers are asserted where they are provoked (test_load, test_worker)."""
    documented = {names(row[0])[0] for row in rows(section("`by`: who", "Of one request that came"))
                  if "N" in row[2].split(", ") and "`Retry-After`" in row[4]}
    codes = nginx_map("sandgate_code")
    assert documented == {codes[status] for status, seconds in nginx_map("sandgate_retry_after").items() if seconds}


def test_parameters_of_a_location():
    source = set(re.findall(r'"(SANDGATE_[A-Z_]+)[%"]', read("fcgi", "location.c") + read("fcgi", "exchange.c")))
    documented = set(re.findall(r"`(SANDGATE_[A-Z_]+)`", section("## Policy", "## Behaviours")))
    assert source <= documented
    table = section("\n## Limits", "Bounds of the request itself")
    limits = {"SANDGATE_MAX_" + names(row[0])[0].upper() for row in rows(table)}
    assert documented - source <= limits


def test_layers_of_isolation(stack):
    """Each namespace and controller that an answer names is in the table; so is each limit in limits_hit."""
    table = section("#### `isolation`", "#### `timings`")
    isolation = stack.run("1")["isolation"]
    for name in isolation["namespaces"] + isolation["cgroup"]:
        assert "`%s`" % name in table
    hit = section("#### `termination`", "#### `resource_usage`")
    for name in stack.get("/v1/limits").json["limits"]:
        assert "`%s`" % name in hit


def test_paths_of_later_versions(stack):
    text = section("`HEAD` is taken", "Examples are")
    for path in re.findall(r"`(/[a-z0-9/._]+)…?`", text):
        answer = stack.get(path)
        assert answer.problem()["code"] == "not_found", path


def test_sixteen_behaviours():
    text = section("The sixteen behaviours")
    numbered = dict(re.findall(r"^(\d+)\. (.*)", text, re.M))
    assert [int(n) for n in numbered] == list(range(1, 17))
    tests = {int(n) for name in ("test_behaviours.py", "test_validation.py")
             for n in re.findall(r"^def test_(\d\d)_", read("tests", "integration", name), re.M)}
    assert tests == set(range(1, 17))
