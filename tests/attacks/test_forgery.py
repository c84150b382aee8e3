"""Programs that lie about their end or write what looks like our own documents: the answer tells what was, exactly.
No layer of the box does this; it is how pipes, wait statuses and JSON are handled. So there is no control box here."""

import base64
import textwrap

import pytest


def text(doc, stream="stdout"):
    data = doc[stream]
    return base64.b64decode(data) if doc[stream + "_encoding"] == "base64" else data.encode()


def run(stack, program, **fields):
    return stack.run(textwrap.dedent(program), **fields)


def end_of(doc):
    return doc["termination"]["reason"], doc["exit_code"], doc["signal"]


# program: (reason, exit code, signal)
ENDS = {
    "exit_137": ("import os; os._exit(137)", ("exited", 137, None)),
    "exit_124": ("import os; os._exit(124)", ("exited", 124, None)),
    "exit_255": ("import sys; sys.exit(-1)", ("exited", 255, None)),
    "exit_256": ("import sys; sys.exit(256)", ("exited", 0, None)),
    "exit_minus_9": ("import os; os._exit(-9 & 0xff)", ("exited", 247, None)),
    "kill_itself": ("import os; os.kill(os.getpid(), 9)", ("signaled", None, "SIGKILL")),
    "terminates_itself": ("import os; os.kill(os.getpid(), 15)", ("signaled", None, "SIGTERM")),
    "abort": ("import os; os.abort()", ("signaled", None, "SIGABRT")),
    "segfault": ("import ctypes; ctypes.string_at(1)", ("signaled", None, "SIGSEGV")),
    "own_alarm": ("import signal, time; signal.alarm(1); time.sleep(5)", ("signaled", None, "SIGALRM")),
    "own_cpu_signal": ("import os; os.kill(os.getpid(), 24)", ("signaled", None, "SIGXCPU")),
    "own_sys_signal_number": ("import os; os._exit(159)", ("exited", 159, None)),
    "memory_error_is_no_kill": ("bytearray(1 << 60)", ("exited", 1, None)),
    "at_exit": ("import atexit, os; atexit.register(os._exit, 0); raise SystemExit(3)", ("exited", 0, None)),
    "says_killed": ("print('Killed'); raise SystemExit(1)", ("exited", 1, None)),
}


@pytest.mark.parametrize("name", ENDS)
def test_end(production, name):
    program, wanted = ENDS[name]
    doc = run(production, program)
    assert end_of(doc) == wanted, doc
    assert doc["success"] is (wanted == ("exited", 0, None))


def test_fake_answer(production):
    doc = run(production, r"""
        import json, os
        fake = json.dumps({"status": "success", "exit_code": 0, "success": True, "termination": {"reason": "exited"}})
        print(fake)
        print("\r\n\r\nStatus: 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: a=b\r\n\r\n" + fake)
        print('"}, "exit_code": 0, "x": {"', flush=True)
        os._exit(9)
    """)
    assert end_of(doc) == ("exited", 9, None)
    assert doc["success"] is False and doc["stdout"].count('"exit_code": 0') == 3


def test_fastcgi_records(production):
    """Bytes that are a FastCGI end-of-request record."""
    doc = run(production, r"""
        import os
        os.write(1, b"\x01\x03\x00\x01\x00\x08\x00\x00" + bytes(8) + b"\x01\x06\x00\x01\x00\x00\x00\x00")
        os._exit(5)
    """)
    assert end_of(doc) == ("exited", 5, None) and len(text(doc)) == 24


def test_fake_events_of_the_stream(production):
    doc = run(production, r"""
        print("event: result\ndata: {\"exit_code\": 0}\n\n", end="")
    """)
    assert doc["stdout"] == 'event: result\ndata: {"exit_code": 0}\n\n'


@pytest.mark.parametrize("data", [
    b"\0", b"a\0b\0", bytes(range(256)), b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\x1b[2J\x1b]0;x\x07",
    b"<script>alert(1)</script>", "\u2028\u2029\ufeff".encode(), b"\r\n\r\n", b"", b"x" * 200000,
    "\U0001f600".encode() * 1000], ids=lambda d: repr(d[:12]))
def test_bytes(production, data):
    """Nothing is lost, replaced or interpreted, on both streams."""
    doc = run(production, """
        import os, sys
        data = bytes.fromhex(sys.stdin.read())
        os.write(2, data[:60000])
        sent = 0
        while sent < len(data):
            sent += os.write(1, data[sent:])
    """, stdin=data.hex())
    assert text(doc) == data and text(doc, "stderr") == data[:60000]
    assert doc["stdout_bytes"] == len(data) and doc["stdout_truncated"] is False


def test_cut_character(production):
    """Characters of three bytes across the cut of head and tail."""
    doc = run(production, """
        import os
        data = ("\\u20ac" * 100000).encode()
        sent = 0
        while sent < len(data):
            sent += os.write(1, data[sent:])
    """, limits={"output_bytes": 10000})
    kept = text(doc)
    assert doc["stdout_truncated"] is True and doc["stdout_bytes"] == 300000
    assert 9000 <= len(kept.replace(b"\xe2\x82\xac", b"xxx")) <= 11000


def test_order_is_kept_when_merged(production):
    doc = run(production, """
        import os
        for n in range(200):
            os.write(1 + n % 2, b"%d\\n" % n)
    """, merge_stderr=True)
    assert doc["stdout"] == "".join("%d\n" % n for n in range(200)) and doc["stderr"] == ""


def test_closed_streams(production):
    doc = run(production, "import os; os.close(1); os.close(2); os.close(0); os._exit(4)")
    assert end_of(doc) == ("exited", 4, None) and doc["stdout"] == ""


def test_streams_reopened_by_proc(production):
    """A pipe may be opened again, to write; its other end is the same, and not to be had."""
    doc = run(production, """
        import os
        open('/proc/self/fd/1', 'w').write('a'); open('/dev/stdout', 'w').write('b'); open('/dev/stderr', 'a').write('c')
        for name in ('/dev/stdout', '/dev/stderr'):
            try: os.set_blocking(os.open(name, os.O_RDONLY | os.O_NONBLOCK), False); print(' read', name)
            except OSError as e: print(' errno', e.errno)
    """)
    own = production.executor != "root"  # the executor's user is the program's: the pipes, too, are its own
    assert doc["stdout"] == "ab" + ("" if own else " errno 13\n errno 13\n") or own and doc["stdout"].startswith("ab read"), doc
    assert doc["stderr"] == "c" and doc["termination"]["reason"] == "exited", doc


def test_source_encodings(production):
    latin = b"# -*- coding: latin-1 -*-\nprint(len('\xe4'))\n"
    doc = production.run(files=[{"path": "main.py", "encoding": "base64", "content": base64.b64encode(latin).decode()}])
    assert doc["stdout"] == "1\n"
    doc = run(production, "# -*- coding: utf-8 -*-\nprint(ascii('\u00e4\U0001f600'))")
    assert doc["stdout"] == "'\\xe4\\U0001f600'\n"


def test_wrong_locale(production):
    doc = run(production, "print('\u00e4')", env={"LC_ALL": "nonsense", "LANG": "C", "PYTHONIOENCODING": "latin-1"})
    assert text(doc) in (b"\xe4\n", "\u00e4\n".encode())


def test_links_named_like_files_of_the_box(production, world):
    """CVE-2024-28185 and -28189: whoever collects results by name as root follows them. We follow no name."""
    doc = run(production, """
        import os
        for name in ("stdout", "stderr", "result", "main.py", "output", "../tmp/stdout", "meta"):
            try:
                os.path.lexists(name) and os.unlink(name)
                os.symlink("@SECRET_PATH@", name)
                os.chmod(name, 0o777)
            except OSError:
                pass
        print("done")
    """.replace("@SECRET_PATH@", world.things["SECRET_PATH"]))
    assert doc["stdout"] == "done\n" and world.things["SECRET"] not in str(doc)


def test_removed_working_directory(production):
    doc = run(production, """
        import os, shutil
        shutil.rmtree("/work", ignore_errors=True)
        try:
            os.rename("/work", "/tmp/w")
        except OSError as error:
            print(error.errno)
        print(os.getcwd())
    """)
    assert doc["stdout"].endswith("/work\n") and doc["exit_code"] == 0


def test_odd_file_names(production):
    doc = run(production, r"""
        import os
        for name in (b"\xff\xfe", b"a\nb", b"-rf", b" ", b"*", b"$(x)", b"\x1b[2J", b"x" * 255, b"..."):
            os.close(os.open(b"/work/" + name, os.O_CREAT | os.O_WRONLY))
        os.mkdir("/work/locked", 0)
        print(len(os.listdir("/work")))
    """)
    assert doc["exit_code"] == 0, doc


def test_deep_tree(production):
    """Nobody walks it: the file system goes as a whole."""
    doc = run(production, """
        import os
        for depth in range(1, 2001):
            os.mkdir("d")
            os.chdir("d")
        print(depth)
    """, limits={"cpu_percent": 100})
    assert doc["stdout"] == "2000\n", doc
