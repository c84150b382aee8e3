"""What an answer advises: each mistake that programs make in a sandbox, made for real, and the hint that helps."""

import pytest

CASES = [
    ("import torch", {}, "/v1/runtimes"),
    ("print(input())\nprint(input())", {"stdin": "one\n"}, "`stdin`"),
    ("import urllib.request\nurllib.request.urlopen('http://example.org/')", {}, "no network"),
    ("open('/usr/x', 'w')", {}, "/tmp"),
    ("import threading, time\nfor _ in range(200): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()", {},
     "limits.processes"),
    ("open('big', 'wb').write(bytes(2 << 20))", {"limits": {"file_bytes": 1 << 20}}, "limits.file_bytes"),
    ("import os\nos.abort()", {}, "abort"),
    ("def f(): f()\nf()", {}, "calls itself"),
    ("raise SystemExit('MemoryError')", {"merge_stderr": True}, "limits.memory_bytes"),
    ("raise SystemExit(3)", {}, "stderr tells"),
]


@pytest.mark.parametrize("code, fields, words", CASES, ids=[words for _, _, words in CASES])
def test_hint(stack, code, fields, words):
    doc = stack.run(code, **fields)
    assert not doc["success"] and words in doc["termination"]["hint"], (doc["termination"], doc["stderr"])


def test_no_hint_where_it_succeeded(stack):
    doc = stack.run("import sys\nprint('MemoryError', file=sys.stderr)")
    assert doc["success"] and doc["termination"]["hint"] is None


def test_each_test_has_its_own(stack):
    doc = stack.run("print(input())", tests=[{"stdin": "x"}, {}])
    assert doc["tests"][0]["termination"]["hint"] is None and "`stdin`" in doc["tests"][1]["termination"]["hint"]


def test_javascript(stack):
    doc = stack.run("require('express')", language="javascript")
    assert "/v1/runtimes" in doc["termination"]["hint"], doc["stderr"]
