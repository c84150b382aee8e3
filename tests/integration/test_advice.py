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
    ("import os\nos.abort()", {}, "(abort), and wrote nothing to stderr"),
    ("import os\nprint('oh', flush=True)\nos.abort()", {"merge_stderr": True}, "(abort): stdout, which has stderr too"),
    ("import os\nos.write(2, b'terminate called after throwing an instance of \\'std::bad_alloc\\'\\n')\nos.abort()", {}, "limits.memory_bytes"),
    ("try: import ujson9\nexcept ImportError: open('/data.txt', 'w')", {}, "only the working directory"),
    ("import sys\nprint('warn: File too large to preview', file=sys.stderr)\n1/0", {}, "stderr tells"),
    ("def f(): f()\nf()", {}, "calls itself"),
    ("raise SystemExit('MemoryError')", {"merge_stderr": True}, "limits.memory_bytes"),
    ("raise SystemExit(3)", {}, "exit code, and wrote nothing to stderr"),
    ("raise SystemExit(4)", {"merge_stderr": True}, "exit code, and wrote nothing"),
    ("raise SystemExit('oh')", {"merge_stderr": True}, "stdout, which has stderr too, tells"),
    ("raise SystemExit('oh')", {}, "stderr tells what"),
]


@pytest.mark.parametrize("code, fields, words", CASES, ids=[words for _, _, words in CASES])
def test_hint(stack, code, fields, words):
    doc = stack.run(code, **fields)
    assert not doc["success"] and words in doc["termination"]["hint"], (doc["termination"], doc["stderr"])


def test_no_hint_where_it_succeeded(stack):
    doc = stack.run("import sys\nprint('MemoryError', file=sys.stderr)")
    assert doc["success"] and doc["termination"]["hint"] is None


FULL = "open('a', 'wb').write(b'x' * 3000)"


@pytest.mark.parametrize("code, fields", [(FULL, {}), (FULL + "\nraise SystemExit(3)", {}), (FULL, {"output_files": ["a"]}),
                                          ("import os\nos.truncate(os.open('b', os.O_CREAT | os.O_RDWR), 1024)", {}),
                                          ("open('main.py', 'w').write('x' * 1024)", {})])
def test_a_file_that_was_cut_short(any_stack, code, fields):
    """Python ignores the signal, and its destructor loses the error: what was left tells."""
    doc = any_stack.run(code, limits={"file_bytes": 1024}, **fields)
    assert doc["success"] == ("SystemExit" not in code) and doc["files"][0]["size"] == 1024, doc
    assert "file_bytes" in doc["termination"]["limits_hit"] and "a file reached limits.file_bytes" in doc["termination"]["hint"], doc


@pytest.mark.parametrize("code, fields", [
    ("open('a', 'wb').write(bytes(1023))", {}),
    ("", {"files": [{"path": "main.py", "content": "pass"}, {"path": "a", "content": "x" * 1024}]}),
    (FULL, {"output_files": []}), (FULL, {"output_files": ["b*"]}), (FULL.replace("'a'", "'/tmp/a'"), {}),
    ("import os\ntry: os.pwrite(os.open('a', os.O_CREAT | os.O_RDWR), b'x', 4096)\nexcept OSError: pass", {}),
])
def test_files_that_tell_nothing(stack, code, fields):
    doc = stack.run(None if "files" in fields else code, limits={"file_bytes": 1024}, **fields)
    assert doc["success"] and doc["termination"]["hint"] is None and "file_bytes" not in doc["termination"]["limits_hit"], doc


def test_a_large_file_that_was_cut_short(stack):
    doc = stack.run("open('a', 'wb').truncate(16 << 20)", limits={"file_bytes": 16 << 20})
    assert doc["files_omitted"]["files"] == [{"path": "a", "reason": "too_large"}] and "file_bytes" in doc["termination"]["limits_hit"], doc


def test_javascript_and_a_full_file(stack):
    doc = stack.run("require('fs').writeSync(require('fs').openSync('a', 'w'), 'x'.repeat(3000))", language="javascript", limits={"file_bytes": 1024})
    assert doc["success"] and "a file reached" in doc["termination"]["hint"] and doc["termination"]["limits_hit"] == ["file_bytes"], doc


def test_each_test_has_its_own(stack):
    doc = stack.run("print(input())", tests=[{"stdin": "x"}, {}])
    assert doc["tests"][0]["termination"]["hint"] is None and "`stdin`" in doc["tests"][1]["termination"]["hint"]


def test_javascript(stack):
    doc = stack.run("require('express')", language="javascript")
    assert "/v1/runtimes" in doc["termination"]["hint"], doc["stderr"]


@pytest.mark.needs_cgroups
@pytest.mark.parametrize("fields", [{}, {"trace_denied_syscalls": True}], ids=["ahead", "cold"])
def test_javascript_without_its_threads(stack, fields):
    """Node aborts: silently where libuv misses a thread, with a line where V8 does, which comes first and is met by a cold start only (as
    one ahead is where none is ready)."""
    doc = stack.run("require('fs').readFile('/etc/passwd', () => 0)", language="javascript", limits={"processes": 3}, **fields)
    assert (doc["termination"]["reason"], doc["signal"]) == ("processes", "SIGABRT"), doc
    assert doc["stderr"] in ("", "node[2]: pthread_create: Resource temporarily unavailable\n"), doc
    assert "limits.processes" in doc["termination"]["hint"]


@pytest.mark.needs_cgroups
def test_javascript_that_waits_for_its_threads(stack):
    """With room for one of them Node waits for the others until its time is over."""
    doc = stack.run("require('fs').readFile('/etc/passwd', () => 0)", language="javascript", trace_denied_syscalls=True,
                    limits={"processes": 2, "wall_time_ms": 3000})
    assert doc["termination"]["reason"] in ("wall_time", "processes") and "processes" in doc["termination"]["limits_hit"], doc
    assert "limits.processes" in doc["termination"]["hint"]
