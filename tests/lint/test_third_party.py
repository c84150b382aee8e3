"""THIRD-PARTY.md against what ./bootstrap has fetched, and the licence files in it."""

import glob
import json
import os
import re

from source import SOURCE, read

GRAMMARS = os.path.join(SOURCE, "core", "validate", "grammars")


def plain(text):
    return " ".join(text.split())


PAGE = read(SOURCE, "THIRD-PARTY.md")
LOCKED = {name[len("node_modules/"):]: entry for name, entry in json.loads(read(GRAMMARS, "package-lock.json"))["packages"].items() if name}


def test_every_locked_package_is_named():
    for name, entry in LOCKED.items():
        assert entry["license"] == "MIT", name
        if os.path.isdir(os.path.join(GRAMMARS, name)):
            assert re.search(r"^\| %s, .* \| %s \| .* \| MIT \|$" % (re.escape(name), re.escape(entry["version"])), PAGE, re.M), name
        else:
            assert "`%s`" % name in PAGE, name


def test_everything_that_was_fetched_is_locked():
    there = {name for name in os.listdir(GRAMMARS) if os.path.isdir(os.path.join(GRAMMARS, name))}
    assert there <= set(LOCKED)


def test_licences_are_as_they_came():
    files = [p for p in glob.glob(GRAMMARS + "/**/*", recursive=True) if re.search(r"LICEN[CS]E|COPYING|NOTICE", os.path.basename(p))]
    assert len(files) == 4
    for path in files:
        text = read(path)
        for line in re.findall(r"^Copyright .*$", text.split("---------------------")[0], re.M):
            assert line in PAGE, (path, line)
        if "MIT" in text.splitlines()[0]:
            assert plain(text[text.index("Permission is"):]) in plain(PAGE), path
        else:
            assert plain(text.split("---------------------")[0]) in plain(PAGE), path


def test_our_own_licence():
    assert "Apache License" in read(SOURCE, "LICENSE")[:200]
    assert "Apache License 2.0" in PAGE
    version = re.search(r"AC_INIT\(\[sandgate\], \[([\d.]+)\]\)", read(SOURCE, "configure.ac")).group(1)
    assert version in read(SOURCE, "CHANGELOG.md")
