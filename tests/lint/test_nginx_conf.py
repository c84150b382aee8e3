"""The shipped files for nginx agree with the defaults of the configuration, with docs/NGINX.md and with what is installed."""

import glob
import os
import re

import pytest

from source import SOURCE, read

FILES = sorted(glob.glob(os.path.join(SOURCE, "nginx-conf", "*.conf")) + glob.glob(os.path.join(SOURCE, "nginx-conf", "examples", "*.conf")))
EXAMPLES = {os.path.basename(f) for f in FILES if os.path.basename(os.path.dirname(f)) == "examples"}
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def default(key):
    """Of CONFIGURATION.md, which a unit test holds to the schema; the second one of a row with two keys."""
    return re.search(r"^\| (?:`[a-z_]+`, )?`%s` \| (?:`\w+`, )?`(\w+)` \|" % key, read("docs", "CONFIGURATION.md"), re.M)[1]


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)([a-z]+)", text).groups()
    return int(number) * UNITS[unit]


def locations(path):
    """(name, directives) of each location that asks workers; comments are left out."""
    text = re.sub(r"(?m)^\s*#.*$", "", read(path))
    found = re.findall(r"\n( +)location ([^{\n]*) \{\n(.*?)\n\1\}", "\n" + text, re.S)
    found += re.findall(r"\n()location ([^{\n]*) \{\n(.*?)\n\}", "\n" + text, re.S)
    return [(name, body) for _, name, body in found if "fastcgi_pass" in body]


def longest_answer(body):
    lowered = re.search(r"SANDGATE_MAX_WALL_TIME_MS (\d+);", body)
    run = int(lowered[1]) / 1000 if lowered else seconds(default("max_wall_time_ms"))
    compiler = re.search(r"Default: `wall_time_ms=(\d+s)`", read("docs", "CONFIGURATION.md"))
    return run + seconds(compiler[1]) + 2 * seconds(default("queue_wait_ms"))


@pytest.mark.parametrize("path", FILES, ids=os.path.basename)
def test_time_outs(path):
    """nginx waits longer than the longest run, the compiler's and the queue, wherever programs are run."""
    for name, body in locations(path):
        waits = seconds(re.search(r"fastcgi_read_timeout (\w+);", body)[1])
        runs_programs = re.search(r"sandgate_workers|sandgate_nodes\b|sandgate_nodes_again|fcgiwrap", body) and "/metrics" not in name
        assert waits > (longest_answer(body) if runs_programs else 10), name


@pytest.mark.parametrize("path", FILES, ids=os.path.basename)
def test_every_location_has_what_all_have_in_common(path):
    for name, body in locations(path):
        assert "include /etc/sandgate/nginx/sandgate-fastcgi.conf;" in body, name
        assert not re.search(r"fastcgi_(ignore_headers|buffering|request_buffering|intercept_errors|keep_conn)", body), name


def test_bounds_and_buffers():
    assert re.search(r"client_max_body_size (\w+);", read("nginx-conf", "sandgate-server.conf"))[1] == default("body_bytes")
    text = read("nginx-conf", "sandgate-fastcgi.conf")
    for directive in ("fastcgi_request_buffering on;", "fastcgi_buffering on;", "fastcgi_ignore_client_abort off;"):
        assert directive in text


def test_no_more_requests_at_once_than_workers():
    """Those above would wait for one in silence (docs/NGINX.md, "What must match"); the doctor knows how many units there are, too."""
    workers = len(re.findall(r"sandgate-fcgi@\d+\.service", re.sub(r"(?m)^#.*$", "", read("packaging", "systemd", "sandgate.target"))))
    assert int(re.search(r"#define WANTED +(\d+)", read("fcgi", "doctor", "workers.c"))[1]) == workers
    status = len(re.findall(r"sandgate-status@\d+\.service", read("packaging", "systemd", "sandgate.target")))
    assert int(re.search(r"#define STATUS_WANTED +(\d+)", read("fcgi", "doctor", "workers.c"))[1]) == status
    assert int(re.search(r"limit_conn sandgate_in_all (\d+);", read("nginx-conf", "examples", "rates.conf"))[1]) <= workers
    assert "| `limit_conn` in all | number of workers, %d of the packages |" % workers in read("docs", "NGINX.md")


def taken_over(*path):
    """Statuses whose error_page is the problem document as they are."""
    listed = re.findall(r"error_page ([\d ]+) /\.sandgate/problem;", read("nginx-conf", *path))
    return {status for statuses in listed for status in statuses.split()}


def test_every_status_that_is_taken_over_has_a_title():
    table = re.search(r"map \$status \$sandgate_title \{(.*?)\n\}", read("nginx-conf", "sandgate-problems.conf"), re.S)[1]
    titles = set(re.findall(r"^ +(\d{3}) ", table, re.M))
    assert "412" in taken_over("sandgate-server.conf") and taken_over("sandgate-server.conf") <= titles


def test_a_location_with_an_error_page_repeats_the_others():
    text = read("nginx-conf", "examples", "nodes.conf")
    own = set(re.findall(r"error_page (\d{3}) = @", text))
    assert len(own) == 2 and taken_over("examples", "nodes.conf") == taken_over("sandgate-server.conf") - own


def test_every_file_is_installed():
    listed = set(re.findall(r"nginx-conf/(\S+\.conf)", read("nginx-conf", "Makemodule.am")))
    assert listed == {os.path.relpath(f, os.path.join(SOURCE, "nginx-conf")) for f in FILES}


def test_every_example_is_in_the_docs():
    section = read("docs", "NGINX.md").split("## Examples")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z-]+\.conf)` \|", section, re.M)) == EXAMPLES


def test_examples_differ_in_name():
    """So that all of them can be included at the same time."""
    text = "".join(read(f) for f in FILES if os.path.basename(f) in EXAMPLES)
    for pattern in (r"(?m)^upstream (\S+)", r"(?m)^map .* (\$\w+) \{", r"zone=(\w+):"):
        names = re.findall(pattern, text)
        assert names and len(names) == len(set(names)), pattern
