"""What a run had in memory, and what its request was: no later run, and none beside it, finds a byte of it in its own."""

import concurrent.futures
import secrets

import pytest
from planted import QUICK, SUCCESS, TIERS, end_of, run

# Searches all memory of its process for @HEX@, and as a control for another marker of which it makes one copy. The pattern is
# compiled from escapes, so that its bytes stand nowhere together.
SEARCH = r"""
import ctypes, mmap, os, re, sys
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
fresh = [libc.malloc(1 << n) for n in range(4, 24) for _ in range(3)]     # as it comes, with what lay there
pages = mmap.mmap(-1, 64 << 20)
pages[::4096] = bytes(len(pages) // 4096)
control = bytes(n ^ 0x5a for n in bytes.fromhex("@CONTROL@"))
sys.stdin.read()

def pattern(text):
    return re.compile("".join("\\x" + text[n:n + 2] for n in range(0, len(text), 2)).encode())

wanted, mine = pattern("@HEX@"), pattern("".join("%02x" % (n ^ 0x5a) for n in bytes.fromhex("@CONTROL@")))
found, seen, total = [], 0, 0
with open("/proc/self/maps") as f:
    maps = [line.split(None, 5) for line in f]
with open("/proc/self/mem", "rb", buffering=0) as memory:
    for words in maps:
        at, end = [int(n, 16) for n in words[0].split("-")]
        while at < end < 1 << 63:
            try:
                memory.seek(at)
                block = memory.read(min(end - at, (1 << 20) + 64))
            except OSError:
                break
            if not block:
                break
            total += len(block)
            for one in wanted.finditer(block):
                found.append((hex(at + one.start()), words[5:]))
            seen += mine.search(block) is not None
            at += len(block) if len(block) <= 1 << 20 else 1 << 20
for name in ("environ", "cmdline", "auxv", "comm", "mountinfo", "cgroup"):
    with open("/proc/self/" + name, "rb") as f:
        found += [name] if wanted.search(f.read()) else []
names = [os.path.join(top, n) for place in ("/tmp", "/work", "/dev/shm") for top, _, files in os.walk(place) for n in files]
for name in names:
    with open(name, "rb") as f:
        found += [name] if wanted.search(f.read()) else []
print(found[:5], len(found), seen > 0, total > 8 << 20)
"""
NOTHING_FOUND = "[] 0 True True\n"


def searcher(marker, tier="plain"):
    text = SEARCH.replace("@HEX@", marker.hex()).replace("@CONTROL@", secrets.token_bytes(32).hex())
    return TIERS[tier] + "\n" + text


def nothing_is_found(stack, marker, tiers=("plain", "numpy", "pyplot")):
    """In runs of these tiers, at the same time and after that."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        docs = list(pool.map(lambda tier: run(stack, searcher(marker, tier), stdin="of the searcher"), ("plain", *tiers)))
    docs += [run(stack, searcher(marker, tier)) for tier in tiers[:2]]
    for doc in docs:
        assert (doc["stdout"], doc["stderr"], end_of(doc)) == (NOTHING_FOUND, "", SUCCESS), doc


def xored(marker):
    return bytes(n ^ 0x5A for n in marker).hex()


FILL = """
import os, signal, time
marker = bytes(n ^ 0x5a for n in bytes.fromhex("@XORED@"))
held = [marker * (1 << 15) for _ in range(200)]    # 1 MiB each
with open("/dev/shm/f", "wb") as f, open("/tmp/f", "wb") as g:
    f.write(held[0]); g.write(held[0])
print("filled", flush=True)
"""
ENDS = {
    "exits": ("", SUCCESS, {}),
    "exits_at_once": ("os._exit(0)", SUCCESS, {}),
    "kills_itself": ("os.kill(os.getpid(), 9)", ("signaled", None, "SIGKILL"), {}),
    "is_killed_for_time": ("time.sleep(60)", ("wall_time", None, "SIGKILL"), {"wall_time_ms": 12000}),  # the filling takes its time, too
    "faults": ("os.kill(os.getpid(), signal.SIGSEGV)", ("signaled", None, "SIGSEGV"), {}),
}


@pytest.mark.parametrize("name", ENDS)
def test_memory_of_an_earlier_run(production, name):
    """200 MiB of a marker, and then the search for it."""
    marker = secrets.token_bytes(32)
    code, end, limits = ENDS[name]
    doc = run(production, FILL.replace("@XORED@", xored(marker)) + code, limits={"memory_bytes": 400 << 20, **limits})
    assert (doc["stdout"], end_of(doc)) == ("filled\n", end), doc
    nothing_is_found(production, marker)


@pytest.mark.needs_cgroups
def test_memory_of_a_run_that_had_too_much(production):
    marker = secrets.token_bytes(32)
    doc = run(production, FILL.replace("@XORED@", xored(marker)), limits={"memory_bytes": 100 << 20})
    assert (doc["stdout"], end_of(doc)) == ("", ("memory", None, "SIGKILL")), doc
    nothing_is_found(production, marker)


def test_memory_of_a_run_at_the_same_time(production):
    marker = secrets.token_bytes(32)
    with production.begin(FILL.replace("@XORED@", xored(marker)) + "time.sleep(60)"):
        nothing_is_found(production, marker)


def test_the_search_finds_what_is_there(production):
    """What a marker in its own memory, in a file and in its environment looks like."""
    marker = secrets.token_bytes(32)
    program = "planted = bytes(n ^ 0x5a for n in bytes.fromhex('%s'))\nopen('f', 'wb').write(planted)\n" % xored(marker) + searcher(marker)
    doc = run(production, program)
    assert "[heap]" in doc["stdout"] or "0x" in doc["stdout"], doc
    assert "'/work/f'" in doc["stdout"] or int(doc["stdout"].rsplit("]", 1)[1].split()[0]) > 5, doc


PARTS = {
    "code": lambda text: {"code": "# %s\nx = %r\nprint('ran')" % (text, text)},
    "code_of_numpy": lambda text: {"code": "import numpy\nx = %r\nprint('ran')" % text},
    "code_of_pyplot": lambda text: {"code": "import matplotlib.pyplot\nx = %r\nprint('ran')" % text},
    "code_with_an_error": lambda text: {"code": "print('ran')\nraise ValueError(%r)" % text},
    "code_that_is_none": lambda text: {"code": "print('ran' %s" % text},
    "stdin": lambda text: {"code": "import sys; sys.stdin.read(); print('ran')", "stdin": text * 1000},
    "stdin_unread": lambda text: {"code": "print('ran')", "stdin": text * 1000},
    "files": lambda text: {"code": "import extra; print('ran')", "files": [{"path": "extra.py", "content": "x = %r" % text}, {"path": text, "content": text}]},
    "arguments": lambda text: {"code": "print('ran')", "args": [text]},
    "environment": lambda text: {"code": "print('ran')", "env": {"A": text}},
    "output": lambda text: {"code": "print('ran'); print(%r); open('/tmp/x', 'w').write(%r)" % (text, text)},
}


@pytest.mark.parametrize("part", PARTS)
def test_request_of_an_earlier_run(production, part):
    text = secrets.token_hex(16)
    fields = PARTS[part](text)
    doc = production.run(**fields, limits=QUICK)
    assert doc["stdout"].startswith("ran") or part == "code_that_is_none" and "SyntaxError" in doc["stderr"], doc
    nothing_is_found(production, text.encode(), ("plain", "pyplot" if "pyplot" in part else "numpy"))
