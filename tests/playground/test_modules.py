"""The playground's files without a browser: each module's tests in Node.js, ESLint, and what is true of all files."""

import glob
import os
import re
import shutil
import subprocess

import pytest
from stack import BUILD, SOURCE

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(SOURCE, "nginx-conf", "playground")
NODE = "/usr/bin/node" if os.path.exists("/usr/bin/node") else shutil.which("node")
TOOLS = os.environ.get("SG_TOOLS") or os.path.join(os.path.dirname(BUILD), "tools")
LONGEST = 400


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def files(pattern="*"):
    return {os.path.basename(path): read(path) for path in sorted(glob.glob(os.path.join(PAGE, pattern)))}


def node(*arguments, **environment):
    if not NODE:
        pytest.skip("Node.js is not installed")
    return subprocess.run([NODE, *arguments], cwd=SOURCE, text=True, capture_output=True, env={**os.environ, **environment})


@pytest.mark.parametrize("path", sorted(glob.glob(os.path.join(HERE, "*.test.mjs"))), ids=os.path.basename)
def test_module(path):
    done = node("--test", path)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.M), done.stdout


def test_eslint():
    program = os.path.join(TOOLS, "node_modules", "eslint", "bin", "eslint.js")
    if not os.path.exists(program):
        pytest.skip("ESLint is not in %s: ./check fetches it" % TOOLS)
    done = node(program, "--no-config-lookup", "--config", "tests/playground/eslint.config.mjs", "--max-warnings", "0",
                "nginx-conf/playground", "tests/playground", SG_TOOLS=TOOLS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_eslint_refuses_markup_out_of_strings(tmp_path):
    """The rule that the page's safety leans on is in force."""
    program = os.path.join(TOOLS, "node_modules", "eslint", "bin", "eslint.js")
    if not os.path.exists(program):
        pytest.skip("ESLint is not in %s: ./check fetches it" % TOOLS)
    for line in ("node.innerHTML = text;", 'node.insertAdjacentHTML("beforeend", text);', "document.write(text);", "eval(text);"):
        done = subprocess.run([NODE, program, "--no-config-lookup", "--config", "tests/playground/eslint.config.mjs", "--stdin",
                               "--stdin-filename", "nginx-conf/playground/x.mjs"], cwd=SOURCE, text=True, capture_output=True,
                              input="export function f(node, text) {\n    %s\n}\n" % line, env={**os.environ, "SG_TOOLS": TOOLS})
        assert done.returncode == 1 and ("no-restricted-properties" in done.stdout or "no-eval" in done.stdout), (line, done)


def test_every_file_is_installed():
    listed = re.findall(r"nginx-conf/playground/(\S+)", read(os.path.join(SOURCE, "nginx-conf", "Makemodule.am")))
    assert sorted(listed) == sorted(os.listdir(PAGE))


def test_every_file_is_used_and_small():
    texts = files()
    for name, text in texts.items():
        assert len(text.splitlines()) < LONGEST, name
        used = [other for other, its in texts.items() if other != name and re.search(r'["/]%s"' % re.escape(name), its)]
        assert used or name == "index.html", "%s is used by no other" % name


def test_as_many_files_are_shown_as_a_service_may_give():
    """output.files of the configuration is bounded; what came beyond the page's own bound would be lost in silence."""
    shown = re.search(r"^const MOST = (\d+);", read(os.path.join(PAGE, "outputs.mjs")), re.M)[1]
    assert shown == re.search(r"^#define SG_OUTPUT_FILES_MAX +(\d+)", read(os.path.join(SOURCE, "core", "model", "limits.h")), re.M)[1]


def test_nothing_comes_from_elsewhere():
    for name, text in files().items():
        addresses = set(re.findall(r"""(?:[a-z]+:)?//[\w.-]+\.\w+[^\s"')]*""", text)) - {"http://www.w3.org/2000/svg"}
        assert not addresses, (name, addresses)


def test_the_page_has_nothing_inline():
    """The Content-Security-Policy would block it; here it is told before."""
    page = read(os.path.join(PAGE, "index.html"))
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)


def test_modules_import_what_there_is():
    texts = files("*.mjs")
    for name, text in texts.items():
        for target in re.findall(r'from "([^"]+)"', text):
            assert target.startswith("./") and target[2:] in texts, (name, target)
