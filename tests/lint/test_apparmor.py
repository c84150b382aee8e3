"""packaging/apparmor: the profiles are compiled, as far as this parser knows their rules; nothing is loaded."""

import os
import re
import subprocess

import pytest

from source import SOURCE

FOLDER = os.path.join(SOURCE, "packaging", "apparmor")
PARSER = "/usr/sbin/apparmor_parser"


def parser_version():
    done = subprocess.run([PARSER, "--version"], text=True, capture_output=True, check=True)
    return int(re.search(r"version (\d+)\.", done.stdout).group(1))


def compile_profile(path):
    return subprocess.run([PARSER, "-Q", "-K", "-I", "/etc/apparmor.d", "-I", FOLDER, path], text=True, capture_output=True)


@pytest.mark.parametrize("name", sorted(os.listdir(FOLDER)))
def test_profiles_compile(name, tmp_path):
    path = os.path.join(FOLDER, name)
    if parser_version() >= 4:
        done = compile_profile(path)
        assert done.returncode == 0, done.stderr
        return
    with open(path) as f:
        text = f.read()
    # AppArmor 3 knows neither that ABI nor the rule, and everything else in it.
    old = text.replace("abi <abi/4.0>,\n", "")
    (tmp_path / "whole").write_text(old)
    done = compile_profile(str(tmp_path / "whole"))
    line = old.splitlines().index("  userns,") + 1
    assert done.returncode != 0 and "at line %d: syntax error" % line in done.stderr, done.stderr
    (tmp_path / "old").write_text(old.replace("  userns,\n", "", 1))
    done = compile_profile(str(tmp_path / "old"))
    assert done.returncode == 0, done.stderr


def test_the_profile_is_of_where_programs_are_installed():
    with open(os.path.join(FOLDER, "sandgate-native")) as f:
        text = f.read()
    assert "\nprofile sandgate-native /usr/{,local/}sbin/sandgate-native flags=(unconfined) {\n  userns,\n" in text
