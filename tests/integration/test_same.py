"""A program cannot tell, and a client cannot see, how its interpreter was started: each program of tests/data/programs
runs once as a clone of a template and once cold, and the two answers are the same but for times, ids and figures. So is
a live box, seen from outside.

A program says in its first line what it is about and prints what it sees; what differs from run to run anyway
(addresses, random values, numbers of others) it prints as facts. It is tests/data/programs/NAME.py, and

    # request: {"limits": {...}}      in its second line: more fields of the request
    # tiers                           in its second line: runs in the second and the last template too; the line becomes an
                                      import of what that has
    NAME.stdin, NAME.files/           its stdin, more files of the request

Programs that no such file can hold (a NUL byte, nothing at all) are in ODD below.

Both stacks take all programs at once, a few at a time; the tests wait for the answers. -k runs only what it selects.

Differences that are known and accepted, which no program here looks at, are listed in docs/THREAT-MODEL.md ("That a start
was warm"), and besides:

- how many pages /proc/self/smaps has
- the flags of /proc/self/stat, where the kernel notes that a process has been cloned and has not executed anything
- figures of memory and time
"""

import base64
import concurrent.futures
import contextlib
import gzip
import io
import json
import os
import re
import zipfile

import pytest
from procfs import descendants, process_table
from stack import ROOT, SOURCE, Stack, wait_until

pytestmark = pytest.mark.xdist_group("same")

PROGRAMS = os.path.join(SOURCE, "tests", "data", "programs")
TIERS = ["", "numpy", "numpy, pandas", "numpy, pandas, matplotlib.pyplot"]  # what a program imports for each

ODD = {
    "empty": b"",
    "only_a_newline": b"\n",
    "only_a_comment": b"# nothing happens here",
    "only_a_docstring": b'"""A module of words."""\n',
    "no_newline_at_end": b"print('no newline at the end')",
    "mark_of_byte_order": b"\xef\xbb\xbfimport sys\nprint('after a BOM', open('main.py', 'rb').read(3), __file__)\n",
    "mark_of_byte_order_and_latin_1": b"\xef\xbb\xbf# -*- coding: latin-1 -*-\nprint('conflict')\n",
    "carriage_returns": b"# CRLF\r\ns = '''a\r\nb'''\r\nprint(ascii(s))\r\nif 1:\r\n    print('in a block')\r\n1 / 0\r\n",
    "lone_carriage_returns": b"# CR alone\rprint('old Macintosh')\rraise ValueError('at line 3')\r",
    "form_feeds": b"\x0cprint('form feed')\n\x0c\nif 1:\n\x0c    print('in a block')\n",
    "coding_latin_1": b"# -*- coding: latin-1 -*-\ns = '\xe4\xf6'\nprint(ascii(s), len(s))\nraise ValueError(s)\n",
    "coding_of_line_2": b"#!/usr/bin/python3\n# vim: set fileencoding=iso-8859-15 :\nprint(ascii('\xa4'))\n",
    "coding_unknown": b"# -*- coding: no-such-code -*-\nprint('never')\n",
    "coding_utf_16": "print('never')\n".encode("utf-16"),
    "not_utf_8": b"# no coding line\nprint('\xe4')\n",
    "not_utf_8_in_a_comment": b"print('never')\n# \xff\xfe\n",
    "null_byte": b"print('before')\nx = '\0'\nprint('never')\n",
    "null_byte_at_end": b"print('before')\n\0",
    "control_z": b"print('before')\n\x1aprint('after')\n",
    "backslash_at_end": b"print('never')\nx = 1 + \\",
    "tabs_and_blanks": b"if 1:\n        print('blanks')\n\tprint('a tab')\n",
    "unfinished_string": b"print('never')\nx = '''abc\n\n",
    "unfinished_bracket": b"print('never')\nx = (1,\n\n",
    "long_line": b"x = [" + b", ".join(b"%d" % n for n in range(30000)) + b"]\nprint(sum(x), len(open('main.py').readline()))\nraise ValueError('later')\n",
    "long_line_that_fails": b"x = '" + b"x" * 100000 + b"'; y = [1][len(x)]\n",
    "many_lines": b"x = 0\n" + b"x += 1\n" * 20000 + b"print(x)\nx.nothing\n",
    "nested_brackets": b"x = " + b"(" * 150 + b"1" + b")" * 150 + b"\nprint(x)\n",
    "too_many_brackets": b"x = " + b"(" * 300 + b"1" + b")" * 300 + b"\nprint(x)\n",
    "too_deep_for_the_compiler": b"x = " + b"-" * 5000 + b"1\nprint(x)\n",
    "too_many_blocks": b"".join(b" " * n + b"for i%d in range(1):\n" % n for n in range(30)) + b" " * 30 + b"print('never')\n",
    "too_many_indents": b"".join(b" " * n + b"if 1:\n" for n in range(120)) + b" " * 120 + b"print('never')\n",
    "identifiers_of_all_kinds": "ä = 1\nℌ = 2\nprint(ä, H, sorted(n for n in globals() if len(n) == 1))\nü\n".encode(),
    "right_to_left": "s = '\u202e\u2066 x'\nprint(ascii(s))\nraise ValueError(s)\n".encode(),
    "wide_characters_before_the_error": "a = '\U0001f600\u6f22' + 1 / 0 + 'x'\n".encode(),
    "shebang": b"#!/usr/bin/env node\nprint('a comment like any other')\n",
}


class Program:
    def __init__(self, name, source, tier="", fields=None):
        self.name, self.source, self.tier, self.fields = name, source, tier, fields or {}

    @property
    def plain(self):
        """Is it the source of a program? With a NUL byte it could be a compiled one: that is started cold."""
        return b"\0" not in self.source

    def request(self):
        """Limits are small, but for the CPU: most of a run is the cold interpreter's own start."""
        limits = {"cpu_percent": 100, "wall_time_ms": 110000, **self.fields.get("limits", {})}
        body = {"language": "python", "validate": False, **self.fields, "limits": limits}
        try:
            body["code"] = self.source.decode()
        except UnicodeDecodeError:
            body["code"] = "\0"
        if "\0" in body["code"]:
            del body["code"]
            body["files"] = [{"path": "main.py", **base64_of(self.source)}] + body.get("files", [])
        return body


def base64_of(data):
    return {"content": base64.b64encode(data).decode(), "encoding": "base64"}


def read(path):
    with open(path, "rb") as f:
        return f.read()


def files_of(top):
    """Files of the request, from NAME.files/."""
    for directory, _, names in os.walk(top):
        for name in sorted(names):
            path = os.path.join(directory, name)
            yield {"path": os.path.relpath(path, top), **base64_of(read(path))}


def programs_of(path):
    """One, or one for each tier."""
    stem, source = path[:-3], read(path)
    name, fields = os.path.basename(stem), {}
    second = source.split(b"\n", 2)[1] if source.count(b"\n") > 1 else b""
    if second.startswith(b"# request: "):
        fields.update(json.loads(second[11:]))
    if os.path.exists(stem + ".stdin"):
        fields["stdin"] = base64_of(read(stem + ".stdin"))
    if os.path.isdir(stem + ".files"):
        fields["files"] = list(files_of(stem + ".files"))
    yield Program(name, source, fields=fields)
    if second == b"# tiers":
        for tier in (TIERS[1], TIERS[-1]):
            changed = source.replace(b"\n# tiers\n", b"\nimport %s\n" % tier.encode(), 1)
            yield Program("%s-%s" % (name, tier.split(", ")[-1].split(".")[0]), changed, tier, fields)


def all_programs():
    for name in sorted(os.listdir(PROGRAMS)):
        if name.endswith(".py"):
            yield from programs_of(os.path.join(PROGRAMS, name))
    for name, source in ODD.items():
        yield Program("odd_" + name, source)


BY_NAME = {program.name: program for program in all_programs()}


# ---- the two stacks ---------------------------------------------------------------------------------------------


class Pair:
    """Two stacks that take the same programs: their answers in due course."""

    def __init__(self, programs):
        self.stacks = []
        self.pool = concurrent.futures.ThreadPoolExecutor(3)
        try:
            executor = "root" if ROOT else "rootless"
            self.stacks.append(Stack(executor=executor).start())
            self.stacks.append(Stack(executor=executor, start="cold").start())
            for stack in self.stacks:
                stack.run("print(1)")
            self.before = [stack.rest() for stack in self.stacks]
        except BaseException:
            self.stop()
            raise
        self.answers = {program.name: [self.pool.submit(self.ask, stack, program) for stack in self.stacks]
                        for program in programs}

    @staticmethod
    def ask(stack, program):
        answer = stack.post(program.request(), timeout=180)
        assert answer.status == 200, answer
        return answer.json

    def of(self, program):
        return [answer.result() for answer in self.answers[program.name]]

    def quiet(self):
        concurrent.futures.wait([one for answers in self.answers.values() for one in answers])

    def stop(self):
        self.pool.shutdown(cancel_futures=True)
        for stack in self.stacks:
            stack.stop()


@pytest.fixture(scope="module")
def pair(request):
    wanted = [item.callspec.params["program"] for item in request.session.items
              if item.path == request.node.path and hasattr(item, "callspec")]
    one = Pair(wanted)
    yield one
    try:
        one.pool.shutdown(cancel_futures=True)
        for stack, before in zip(one.stacks, one.before):
            stack.settle(before)
    finally:
        one.stop()


# ---- comparing --------------------------------------------------------------------------------------------------

MASKS = [(rb"0x[0-9a-f]{6,16}", b"0xADDRESS"), (rb"(?m)^(Ran \d+ tests?) in .*s$", rb"\1")]

MASKS_OF_FILES = [(rb"(?s)\A(\x1f\x8b\x08.)....", rb"\1TIME"),  # gzip
                  (rb"(?s)(PK\x03\x04.{6}).{4}", rb"\1TIME"), (rb"(?s)(PK\x01\x02.{8}).{4}", rb"\1TIME")]  # zip


def stream(doc, name):
    data = doc[name]
    data = base64.b64decode(data) if doc[name + "_encoding"] == "base64" else data.encode()
    assert doc[name + "_truncated"] or doc[name + "_bytes"] == len(data), doc
    for pattern, text in MASKS:
        data = re.sub(pattern, text, data)
    return data


def content(file):
    """Its bytes, but for times and numbers that formats of plots bring in."""
    data = base64.b64decode(file["content"]) if file["encoding"] == "base64" else file["content"].encode()
    for pattern, text in MASKS + MASKS_OF_FILES:
        data = re.sub(pattern, text, data)
    return data


def seen(doc):
    """All of an answer that is the same however the program was started."""
    found = {key: doc[key] for key in ("status", "success", "exit_code", "signal", "isolation", "runtime", "engine", "risk_score",
                                       "validation", "denied_syscalls")}
    for name in ("stdout", "stderr"):
        found[name] = stream(doc, name)
        for about in ("_encoding", "_truncated", "_omitted_at"):
            found[name + about] = doc[name + about]
        if doc[name + "_truncated"] and doc["termination"]["reason"] != "output":  # it had gone on until the kill
            found[name + "_bytes"] = doc[name + "_bytes"]
    found["files"] = [(file["path"], content(file)) for file in doc["files"]]
    found["files_omitted"] = doc["files_omitted"]
    end = doc["termination"]
    # Whether it has used up its share of CPU until the time was over is the machine's load, and the hint tells.
    found.update(reason=end["reason"], limit=end["limit"], hint=None if end["reason"] == "wall_time" else end["hint"],
                 limits_hit=sorted(set(end["limits_hit"]) - {"cpu_percent"}))
    return found


def lines(data):
    """For pytest to show which of them differ."""
    return data.decode(errors="backslashreplace").splitlines(keepends=True)


@pytest.mark.parametrize("program", BY_NAME.values(), ids=BY_NAME.keys())
def test_same(pair, program):
    warm, cold = pair.of(program)
    assert (warm["timings"]["start"], cold["timings"]["start"]) == ("warm" if pair.stacks[0].warm and program.plain else "cold", "cold")
    one, two = seen(warm), seen(cold)
    for name in ("stderr", "stdout"):
        assert lines(one[name]) == lines(two[name]), name
    assert one == two


# ---- a live box, from outside -----------------------------------------------------------------------------------

SLEEPER = "import ctypes, time; ctypes.CDLL(None).prctl(15, b'sleeper', 0, 0, 0); print('up', flush=True); time.sleep(30)"
FIGURES = re.compile(r"Vm\w+|Rss\w+|\w*ctxt_switches|HugetlbPages|State|x86_\w+")
HOST_NUMBERS = {"Tgid", "Pid", "Ngid", "PPid", "Uid", "Gid", "Groups"}


def of_process(pid):
    """What the host sees of a process of a box, its own numbers (the last of each line) instead of the host's."""
    def text(name):
        return read("/proc/%d/%s" % (pid, name)).decode(errors="replace")

    state = dict(line.split(":", 1) for line in text("status").splitlines())
    facts = {name: value.split()[-1:] if name.startswith("NS") else value.strip()
             for name, value in state.items() if not FIGURES.fullmatch(name) and name not in HOST_NUMBERS}
    facts["groups"] = len(state["Groups"].split())
    facts["ids"] = [len(set(state[name].split())) for name in ("Uid", "Gid")]
    facts["maps"] = [[line.split()[::2] for line in text(name).splitlines()] for name in ("uid_map", "gid_map")]
    facts["mounts"] = [re.sub(r"([ug]id)=\d+", r"\1", " ".join(line.split()[3:])) for line in text("mountinfo").splitlines()]
    names = sorted(os.listdir("/proc/%d/fd" % pid), key=int)
    facts["descriptors"] = [(n, re.sub(r"\d{3,}", "N", os.readlink("/proc/%d/fd/%s" % (pid, n)))) for n in names]
    facts["flags"] = [[line for line in text("fdinfo/" + n).splitlines() if line.startswith("flags")] for n in names]
    facts["namespaces"] = {n: os.readlink("/proc/%d/ns/%s" % (pid, n)) == os.readlink("/proc/self/ns/" + n)
                           for n in os.listdir("/proc/%d/ns" % pid)}
    for name in ("limits", "environ", "cmdline", "comm", "oom_score_adj", "setgroups", "personality", "coredump_filter", "timerslack_ns",
                 "loginuid", "sessionid", "timers"):
        facts[name] = text(name)
    facts["links"] = [os.readlink("/proc/%d/%s" % (pid, name)) for name in ("cwd", "root")]
    facts["exe"] = os.path.basename(os.readlink("/proc/%d/exe" % pid))
    facts["owner"] = os.stat("/proc/%d/mem" % pid).st_uid == os.stat("/proc/%d" % pid).st_uid
    return facts


def of_cgroups(pid, stack):
    """Limits of the box's cgroups, by the files' names."""
    values = {}
    for directory in stack.cgroup_dirs():
        with contextlib.suppress(OSError):
            if str(pid) in read(directory + "/cgroup.procs").decode().split():
                for name in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.swappiness", "memory.oom_control", "memory.max", "memory.swap.max",
                             "memory.oom.group", "pids.max", "cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.max", "cpu.shares", "cpu.weight"):
                    with contextlib.suppress(FileNotFoundError):
                        values[name] = read(os.path.join(directory, name))
    return values


def posture(stack):
    with stack.begin(SLEEPER, timeout=30):
        def found():
            return [pid for pid in stack.box_pids() if process_table().get(pid, ())[1:] == ("S", "sleeper")]

        program = wait_until(found, what="a program that sleeps")[0]
        init = process_table()[program][0]
        facts = {"program": of_process(program), "pid 1": of_process(init), "cgroups": of_cgroups(program, stack),
                 "cgroups of pid 1": of_cgroups(init, stack), "children of pid 1": len(descendants(init))}
    wait_until(lambda: not found(), what="the end of the cancelled run")
    return facts


def test_posture_of_a_live_box_is_the_same(pair):
    pair.quiet()
    warm, cold = [posture(stack) for stack in pair.stacks]
    for part in ("program", "pid 1"):
        differs = {name: (warm[part][name], cold[part][name]) for name in cold[part] if warm[part][name] != cold[part][name]}
        assert not differs, part
    assert warm == cold


def test_times_in_files_are_masked_whatever_their_bytes_are():
    def masked(data):
        return content({"encoding": "base64", "content": base64.b64encode(data).decode()})

    assert len({masked(gzip.compress(b"x", mtime=0x01010101 * byte)) for byte in range(1, 256)}) == 1
    archives = set()
    for minute in range(60):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr(zipfile.ZipInfo("a", (1980 + minute, 1 + minute % 12, 1 + minute % 28, minute % 24, minute, minute)), "x")
        archives.add(masked(data.getvalue()))
    assert len(archives) == 1


def test_programs_are_many_and_say_what_they_are_about():
    names = [name for name in os.listdir(PROGRAMS) if name.endswith(".py")]
    assert len(names) >= 100
    for name in names:
        assert re.match(rb"# \S+ .*\n", read(os.path.join(PROGRAMS, name))), name
    companions = [name for name in os.listdir(PROGRAMS) if not name.endswith(".py")]
    assert all(name.endswith((".stdin", ".files")) and name.rsplit(".", 1)[0] + ".py" in names for name in companions), companions
    assert sum(program.tier == TIERS[-1] for program in BY_NAME.values()) >= 10
