"""Each relative link of README.md and docs/*.md leads to a file."""

import glob
import os
import re

import pytest

from source import SOURCE

PAGES = [os.path.join(SOURCE, "README.md")] + sorted(glob.glob(os.path.join(SOURCE, "docs", "*.md")))


@pytest.mark.parametrize("page", PAGES, ids=os.path.basename)
def test_links(page):
    with open(page) as f:
        targets = re.findall(r"\]\(([^)#:]+)\)", f.read())
    missing = [t for t in targets if not os.path.exists(os.path.join(os.path.dirname(page), t))]
    assert not missing
