"""Rules of the source tree that a machine can check. They need no build and no service."""

import os
import re
import shutil
import subprocess

import pytest

from source import SOURCE

TREE_SITTER = SOURCE + "/core/validate/grammars/tree-sitter/vendor/tree-sitter/lib/include"
# Made, fetched, or not ours to judge: tests/data has programs that are broken on purpose.
GENERATED = {"_build", "data", "grammars", ".git", "build-aux", "autom4te.cache", "__pycache__", ".pytest_cache", ".deps", "configure",
             "config.h.in", "Makefile.in", "aclocal.m4", "configure~"}
LONGEST_FILE, LONGEST_FUNCTION = 600, 100
TESTS_MAY = 2  # times as long: their tables of cases

# Who may include whom; everybody may include its own folder. tests may include everything.
LAYERS = {
    "core/base": [],
    "core/model": ["core/base"],
    "core/config": ["core/model", "core/base"],
    "core/ipc": ["core/model", "core/base"],
    "core/validate": ["core/model", "core/base"],
    "core/exec": ["core/config", "core/ipc", "core/model", "core/base"],
    "core/sandbox": ["core/exec", "core/config", "core/ipc", "core/model", "core/base"],
    # One plan, one profile, one way to become a program (docs/ARCHITECTURE.md): the headers below, no more.
    "core/docker": ["core/sandbox", "core/exec", "core/config", "core/ipc", "core/model", "core/base"],
    "fcgi": ["core/validate", "core/config", "core/ipc", "core/model", "core/base"],
}

# Name -> what to use instead.
BANNED = {
    "strcpy": "sg_str_copy", "strcat": "sg_buf_puts", "stpcpy": "sg_str_copy", "strncat": "sg_buf_append",
    "sprintf": "snprintf", "vsprintf": "vsnprintf", "gets": "fgets", "strtok": "strcspn", "atoi": "sg_str_to_u64",
    "atol": "sg_str_to_u64", "atof": "strtod", "system": "posix_spawn", "popen": "posix_spawn", "alloca": "malloc",
    "tmpnam": "memfd_create", "mktemp": "mkostemp", "setjmp": "error results", "longjmp": "error results",
    "pipe": "pipe2 with O_CLOEXEC", "accept": "accept4 with SOCK_CLOEXEC", "dup": "fcntl F_DUPFD_CLOEXEC",
    "creat": "open with O_CLOEXEC", "epoll_create": "epoll_create1", "inotify_init": "inotify_init1",
}
# Calls that make a descriptor: they, or the three lines above, must say CLOEXEC.
CLOEXEC = ["open", "openat", "socket", "socketpair", "accept4", "pipe2", "memfd_create", "epoll_create1", "eventfd",
           "signalfd", "timerfd_create", "mkostemp", "dup3"]


def walk():
    for top, dirs, files in os.walk(SOURCE):
        dirs[:] = [d for d in dirs if d not in GENERATED]
        for name in files:
            if name not in GENERATED and not name.endswith((".pyc", "~")):
                yield os.path.relpath(os.path.join(top, name), SOURCE)


FILES = sorted(walk())
C_FILES = [f for f in FILES if f.endswith((".c", ".h")) and f.startswith(("core/", "fcgi/", "tests/"))]
HEADERS = [f for f in C_FILES if f.endswith(".h")]
OURS = [f for f in C_FILES if not f.startswith("tests/")]


def read(path):
    with open(os.path.join(SOURCE, path), errors="replace") as f:
        return f.read()


def blanked(text):
    """The code with comments, strings and characters replaced by blanks; lines stay where they are."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)


def layer(path):
    return next((name for name in LAYERS if path.startswith(name + "/")), None)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("header", HEADERS)
def test_header_is_self_contained(header, compiler):
    """Included alone, and twice."""
    code = '#include "%s"\n#include "%s"\n' % (header, header)
    done = subprocess.run([compiler, "-std=gnu11", "-D_GNU_SOURCE=", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-I" + SOURCE, "-I" + TREE_SITTER,
                           "-fsyntax-only", "-x", "c", "-"], input=code, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_layers():
    wrong = []
    for path in OURS:
        own = layer(path)
        for match in re.finditer(r'^#\s*include\s+"([^"]+)"', read(path), re.M):
            target = layer(match.group(1))
            if match.group(1) == "config.h":
                continue
            if target is None:
                wrong.append("%s includes %s: write it from the top" % (path, match.group(1)))
            elif own and target != own and target not in LAYERS[own]:
                wrong.append("%s includes %s: %s may not see %s" % (path, match.group(1), own, target))
    assert not wrong, "\n".join(wrong)


def test_the_docker_engine_sees_plans_and_not_boxes():
    allowed = {"core/sandbox/" + name for name in ("attest.h", "box.h", "cgroup_files.h", "collect.h", "plan.h", "product.h", "profile.h",
                                           "python_files.h")}
    wrong = [(path, target) for path in OURS if path.startswith("core/docker/")
             for target in re.findall(r'^#\s*include\s+"(core/sandbox/[^"]+)"', read(path), re.M) if target not in allowed]
    assert not wrong, wrong


def test_only_two_files_know_curl():
    found = [path for path in OURS if re.search(r"^#\s*include\s+<curl/", read(path), re.M)]
    assert found == ["core/docker/http_internal.h"], found
    users = [path for path in OURS if '"core/docker/http_internal.h"' in read(path)]
    assert users == ["core/docker/http.c", "core/docker/http_stream.c", "core/docker/http_transfers.c"], users


def test_every_source_has_a_layer():
    assert [path for path in OURS if layer(path) is None] == []


@pytest.mark.parametrize("path", C_FILES)
def test_no_banned_function(path):
    code, wrong = blanked(read(path)), []
    for match in re.finditer(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED), code):
        name = match.group(1)
        if not (path.startswith("tests/") and name in ("dup", "pipe", "accept", "creat", "system")):
            wrong.append("%s:%d: %s: use %s" % (path, line_of(code, match.start()), name, BANNED[name]))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", OURS)
def test_descriptors_are_closed_on_exec_from_birth(path):
    code, wrong = blanked(read(path)), []
    for match in re.finditer(r"(?<![\w.>])(%s)\s*\(" % "|".join(CLOEXEC), code):
        before = "\n".join(code[:match.start()].splitlines()[-4:])  # flags may be named just above
        line = read(path).splitlines()[line_of(code, match.start()) - 1]
        if "/* inherited" not in line and "CLOEXEC" not in before + code[match.start():code.find(";", match.start())]:
            wrong.append("%s:%d: %s without CLOEXEC" % (path, line_of(code, match.start()), match.group(1)))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", C_FILES)
def test_clang_format(path):
    assert shutil.which("clang-format"), "clang-format is not installed"
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", path], cwd=SOURCE, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr[:4000]


def functions(path):
    """(name, first line, number of lines): by the style's braces, which open and close in column one."""
    name, start = None, 0
    for number, line in enumerate(blanked(read(path)).splitlines(), 1):
        if start == 0 and line and not line[0].isspace() and line[0] not in "{}#":
            match = re.search(r"(\w+)\(", line)
            name = match.group(1) if match else name
        elif line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            yield name, start, number - start - 1
            start = 0


def test_lengths():
    wrong, long = [], []
    for path in C_FILES:
        lines, times = len(read(path).splitlines()), TESTS_MAY if path.startswith("tests/") else 1
        if lines >= times * LONGEST_FILE:
            wrong.append("%s: %d lines; allowed: less than %d" % (path, lines, times * LONGEST_FILE))
        for name, start, n in functions(path):
            if n > 60:
                long.append("%s:%d: %s has %d lines" % (path, start, name, n))
            if n > times * LONGEST_FUNCTION:
                wrong.append(long[-1])
    print("functions of more than 60 lines:", *(long or ["none"]), sep="\n  ")
    assert not wrong, "\n".join(wrong)


def test_no_hosts_and_no_machine_paths():
    # Put together here, so that this file does not contain what it looks for.
    hosts = ["npmjs" + ".", "pypi" + ".org", "python" + "hosted.org", "crates" + ".io", "deb.debian" + ".org",
             "ghcr" + ".io", "quay" + ".io", "registry" + "-1.docker"]
    places = [r"/work/" + r"(?:main|shared)(?![\w.])", r"(?<![\w/.])shared/" + r"(?:design|experiments|hooks)"]
    pattern = re.compile("|".join([re.escape(h) for h in hosts] + places))
    wrong = []
    for path in FILES:
        for number, line in enumerate(read(path).splitlines(), 1):
            if pattern.search(line):
                wrong.append("%s:%d: %s" % (path, number, line.strip()[:100]))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", [f for f in FILES if read(f).startswith("#!/bin/sh")])
def test_shell_scripts_parse(path):
    done = subprocess.run(["sh", "-n", path], cwd=SOURCE, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


# Two are parts: the names that they use come with what they are put together with, and the other way round.
PARTS = {"core/sandbox/template_page.py", "tests/attacks/kit.py"}


def test_python_by_pyflakes():
    files = [f for f in FILES if f not in PARTS and (f.endswith(".py") or re.match(r"#!.*python", read(f)))]
    done = subprocess.run(["/usr/bin/python3", "-m", "pyflakes", *files], cwd=SOURCE, text=True, capture_output=True)
    assert len(files) > 100 and done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", sorted(PARTS))
def test_parts_in_python_compile(path):
    compile(read(path), path, "exec")
