"""docs/API.md lists what the source has: problem codes with their status, routes, fields, reasons, members."""

import re

from source import read

DOC = read("docs", "API.md")


def documented_codes():
    return dict(re.findall(r"^\| `([a-z_]+)` \| (\d{3}|any other) \|", DOC, re.M))


def source_codes():
    text = read("fcgi", "problem.c")
    codes = dict(re.findall(r'\[SG_PROBLEM_[A-Z_]+\]\s*=\s*\{\s*"([a-z_]+)",\s*(\d{3})', text))
    del codes["none"]
    return codes


def nginx_codes():
    table = re.search(r"map \$status \$sandgate_code \{(.*?)\}", read("nginx-conf", "sandgate-problems.conf"), re.S).group(1)
    return {code: "any other" if status == "default" else status
            for status, code in re.findall(r"^\s*(default|\d{3}) \"([a-z_]+)\";", table, re.M)}


def test_codes_of_workers():
    codes = source_codes()
    assert len(codes) > 20
    documented = documented_codes()
    assert {code: documented.get(code) for code in codes} == codes


def test_codes_of_nginx():
    codes = nginx_codes()
    assert len(codes) > 10
    documented = documented_codes()
    assert {code: documented.get(code) for code in codes} == codes


def test_no_code_is_invented():
    assert set(documented_codes()) == set(source_codes()) | set(nginx_codes())


def test_a_code_has_one_status():
    both = set(source_codes()) & set(nginx_codes())
    assert {c: source_codes()[c] for c in both} == {c: nginx_codes()[c] for c in both}


def test_a_code_has_one_advice():
    """Whoever answers with it: nginx's table of what may be sent again agrees with the workers'."""
    row = r'\{\s*"([a-z_]+)",\s*\d{3},\s*(?:"[^"]*"\s*)+,\s*(true|false)'
    workers = dict(re.findall(row, read("fcgi", "problem.c")))
    text = read("nginx-conf", "sandgate-problems.conf")
    again = re.search(r"map \$status \$sandgate_retryable \{(.*?)\}", text, re.S).group(1)
    again = dict(re.findall(r"^\s*(default|\d{3}) (true|false);", again, re.M))
    nginx = {code: again.get(status, again["default"]) for code, status in nginx_codes().items()}
    both = set(workers) & set(nginx)
    assert len(both) >= 6
    assert {c: workers[c] for c in both} == {c: nginx[c] for c in both}


def test_routes():
    routes = re.findall(r'\{"([A-Z]+)", "(/[a-z0-9/.]+)", sg_handle_', read("fcgi", "route.c"))
    assert len(routes) >= 6
    assert re.findall(r"^\| `([A-Z]+) (/[a-z0-9/.]+)` \|", DOC, re.M) == routes


def test_request_fields():
    table = re.search(r"\} fields\[\] = \{(.*?)\n\};", read("fcgi", "request.c"), re.S).group(1)
    fields = set(re.findall(r'\{"([a-z_]+)",', table))
    section = DOC[DOC.index("## POST /v1/execute"):DOC.index("### The answer")]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", section, re.M)) == fields


def test_members_of_tests():
    """Of a test, of its options: what the parser knows is what the tables have."""
    section = DOC[DOC.index("### Test cases"):DOC.index("## POST /v1/validate")]
    source = read("fcgi", "request_cases.c")
    for heading, function in (("member of a test", "read_case"), ("member of `test_options`", "sg_parse_test_options")):
        table = section[section.index("| " + heading):]
        table = table[:table.index("\n\n")]
        body = source[source.index(function + "("):]
        names = re.search(r"names\[\] = \{(.*?), NULL\}", body).group(1)
        assert re.findall(r"^\| `([a-z_]+)` \|", table, re.M) == re.findall(r'"([a-z_]+)"', names)


def test_events():
    source = read("fcgi", "events.c")
    names = set(re.findall(r'put\((?:e|arg), "([a-z]+)"', source))
    names |= set(re.findall(r'"([a-z]+)"', re.search(r"names\[SG_OUTPUT_STREAMS\] = \{(.*?)\}", source).group(1)))
    assert len(names) == 7
    section = re.split(r"^##+ ", DOC[DOC.index("### Server-sent events") + 4:], flags=re.M)[0]
    rows = re.findall(r"^\| (`[a-z]+`(?:, `[a-z]+`)*) \|", section, re.M)
    assert {name for row in rows for name in re.findall(r"`([a-z]+)`", row)} == names


def test_reasons():
    names = re.search(r"sg_reason_name\(.*?^\}", read("core", "model", "outcome.c"), re.S | re.M)
    source = read("core", "model", "outcome.c")
    reasons = set(re.findall(r'\[SG_REASON_[A-Z_]+\]\s*=\s*"([a-z_]+)"', source))
    assert names and len(reasons) == 10
    section = DOC[DOC.index("`termination.reason` is one of"):DOC.index("### Test cases")]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", section, re.M)) == reasons


def test_omissions():
    reasons = re.findall(r'\[SG_OMISSION_[A-Z_]+\]\s*=\s*"([a-z_]+)"', read("core", "model", "output.c"))
    section = DOC[DOC.index("### Files that come back"):DOC.index("## POST /v1/validate")]
    assert len(reasons) == 8 and re.findall(r"^\| `([a-z_]+)` \|", section, re.M)[1:] == reasons  # behind the head


def test_members_of_the_answer():
    members = set(re.findall(r'put_[a-z_]+\(j, "([a-z_]+)"|sg_json_key\(&?j, "([a-z_]+)"\)|put_us_as_ms\(j, "([a-z_]+)"',
                             read("fcgi", "answer.c") + read("fcgi", "answer_cases.c")))
    names = {name for group in members for name in group if name}
    assert len(names) > 40
    missing = sorted(name for name in names if "`%s`" % name not in DOC and "`%s[]`" % name not in DOC)
    assert not missing
