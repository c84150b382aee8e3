"""docs/ARCHITECTURE.md against the folders that it goes through file by file."""

import os
import re

import pytest

from source import SOURCE, read

DOC = read(SOURCE, "docs", "ARCHITECTURE.md")


@pytest.mark.parametrize("folder", ["core/sandbox", "core/docker"])
def test_each_file_has_its_row(folder):
    section = DOC[DOC.index("## %s, file by file" % folder):]
    section = section[:section.index("\n## ", 1)]
    named = set(re.findall(r"`([a-z_]+\.(?:c|h|py))`", "\n".join(re.findall(r"(?m)^\| (`[^|]*) \|", section))))
    there = {name for name in os.listdir(os.path.join(SOURCE, folder)) if name.endswith((".c", ".py")) and not name.endswith("_test.c")}
    assert {name for name in named if not name.endswith(".h")} == there
