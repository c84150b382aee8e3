"""Manual pages and shell completion: whole, and in step with the programs."""

import glob
import os
import re
import subprocess

import pytest

from stack import BUILD, SOURCE
from source import read

PAGES = sorted(glob.glob(os.path.join(SOURCE, "docs", "man", "*.[1-8]")))
PROGRAMS = ["sandgate-fcgi", "sandgate-native", "sandgate-docker"]
COMMANDS = ["run", "validate", "runtimes", "doctor"]
NO_WORKER = {"PATH": "%s:/usr/bin:/bin" % BUILD, "SANDGATE_CONFIG": os.path.join(SOURCE, "packaging", "conf", "sandgate.conf")}


def page(name):
    (found,) = [p for p in PAGES if os.path.basename(p).rsplit(".", 1)[0] == name]
    return read(found)


def help_of(program, *command):
    if not os.path.exists(os.path.join(BUILD, program)):
        pytest.skip("%s is not built" % program)
    done = subprocess.run([os.path.join(BUILD, program), *command, "--help"], text=True, capture_output=True, check=True)
    return done.stdout


def options_of_help(text):
    """{frozenset of the names of one option}"""
    found = set()
    for line in re.findall(r"^ +(-\w(?:, --[\w-]+)?|--[\w-]+)(?: |$)", text, re.M):
        found.add(frozenset(line.split(", ")))
    return found


def options_of_page(text):
    found = set()
    for item in re.findall(r"^\.It (Fl .*)$", text, re.M):
        names = re.findall(r"\bFl (-?[\w-]+)", item)
        found.add(frozenset("-" + n for n in names))
    return found


def part(text, heading):
    return re.search(r"^\.S[hs] %s\n(.*?)(?=^\.S[hs] |\Z)" % re.escape(heading), text, re.M | re.S).group(1)


@pytest.mark.parametrize("path", PAGES, ids=os.path.basename)
def test_pages_are_sound(path):
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path], text=True, capture_output=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout
    text = read(path)
    for line in text.splitlines():
        assert len(line) <= 160 and not line.endswith(" "), line
    for name, section in re.findall(r"^\.Xr (sandgate\S*) (\d)", text, re.M):
        assert os.path.join(SOURCE, "docs", "man", "%s.%s" % (name, section)) in PAGES, name


def test_there_is_a_page_for_each_program():
    names = {os.path.basename(p) for p in PAGES}
    assert names == {"sandgate.1", "sandgate.conf.5", "sandgate-box.8"} | {p + ".8" for p in PROGRAMS}


@pytest.mark.parametrize("program", PROGRAMS)
def test_options_of_programs(program):
    assert options_of_page(page(program)) == options_of_help(help_of(program))


def test_options_of_sandgate():
    assert options_of_page(part(page("sandgate"), "DESCRIPTION")) == options_of_help(help_of("sandgate"))
    commands = set(re.findall(r"^  ([a-z]+) .*", help_of("sandgate").split("Commands:")[1].split("Options:")[0], re.M))
    assert commands == set(COMMANDS) == set(re.findall(r"^\.Ss (\w+)$", page("sandgate"), re.M))


@pytest.mark.parametrize("command", COMMANDS)
def test_options_of_commands(command):
    assert options_of_page(part(page("sandgate"), command)) == options_of_help(help_of("sandgate", command))


@pytest.mark.parametrize("heading, section", [("Languages: `runtimes.d/NAME.conf`", "LANGUAGES"), ("Policies", "POLICIES")])
def test_keys_of_languages_and_policies(heading, section):
    """Those of sandgate.conf itself: tests/unit/core/config/test_schema.c."""
    text = read("docs", "CONFIGURATION.md").split("## %s\n" % heading)[1].split("\n## ")[0]
    documented = [row for row in re.findall(r"^\| `(\w+)` \| .* \| ", text, re.M)]
    assert re.findall(r"^\.It Ic (\w+)$", part(page("sandgate.conf"), section), re.M) == documented


# ---- completion ------------------------------------------------------------------------------------------------------

SCRIPT = """
. /usr/share/bash-completion/bash_completion
. "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
_sandgate 2>/dev/null
printf '%s\\n' "${COMPREPLY[@]}"
"""


def complete(*words, env=None, cwd=SOURCE):
    """What bash offers for the last word."""
    script = os.path.join(SOURCE, "packaging", "completions", "sandgate")
    done = subprocess.run(["bash", "--norc", "-c", SCRIPT, "bash", script, "sandgate", *words], text=True, capture_output=True,
                          env={**NO_WORKER, **(env or {})}, cwd=cwd, check=True)
    return set(done.stdout.split("\n")) - {""}


def test_completion_of_commands_and_options():
    assert complete("") == set(COMMANDS) and complete("run") == {"run", "runtimes"}
    assert complete("-c", "x.conf", "d") == {"doctor"}
    assert {"--config", "--version", "--help"} <= complete("--")
    for command in COMMANDS:
        ours = {o for names in options_of_help(help_of("sandgate", command)) for o in names if o.startswith("--")}
        assert complete(command, "--") == ours, command
    assert complete("run", "main.py", "--", "-") == set()


def test_completion_of_values(stack):
    config = stack.path("conf", "sandgate.conf")
    env = {"PATH": stack.path("bin") + ":/usr/bin:/bin"}
    assert {"python", "py", "javascript", "node"} <= complete("-c", config, "run", "-l", "", env=env)
    assert complete("run", "--config", config, "--language", "pyt", env=env) == {"python", "python3"}
    assert complete("-c", config, "validate", "-p", "", env=env) == {"strict", "balanced", "report"}
    assert complete("run", "-L", "max") == set() and "memory_bytes=" in complete("run", "--limit", "mem")
    assert complete("run", "--engine", "") == {"native", "docker"}
    assert complete("doctor", "--nginx", "docs/man/sandgate.1") == {"docs/man/sandgate.1"}
    assert "docs" in complete("doctor", "--root", "do")
    assert complete("run", "docs/man/sandgate.c") == {"docs/man/sandgate.conf.5"}
    assert complete("run", "--timeout", "") == set()
