"""Pictures and files that a run leaves behind, from the real service to the page."""

import pytest
from kit import run

pytestmark = pytest.mark.xdist_group("browser")


def test_a_plot_is_seen(page):
    """The program saves nothing: plt.show() is enough."""
    page.choose("#example", "Plot (Matplotlib)")
    assert run(page) == "Succeeded"
    page.wait(lambda: page.js("const one = document.querySelector('#files img'); return !!one && one.complete"), what="the picture")
    alt, width = page.js("const one = document.querySelector('#files img'); return [one.alt, one.naturalWidth]")
    assert width > 200 and alt.startswith("Picture made by the program: ") and alt.endswith(".png")


def test_files_come_back_and_what_does_not_is_told(page):
    code = """import os
os.mkdir("out")
open("out/t.csv", "w").write("a,b")
open("page.html", "w").write("<script>window.owned = 1</script>")
os.symlink("/etc/passwd", "out/link")"""
    assert run(page, code) == "Succeeded"
    links = page.js("return [...document.querySelectorAll('#files a')].map((link) => link.textContent)")
    assert links == ["Save out/t.csv", "Save page.html"]
    assert "out/link: not a regular file" in page.text("#files-omitted")
    assert page.download("#file-list li:first-child a", "t.csv") == b"a,b"
    assert page.download("#file-list li:last-child a", "page.html") == b"<script>window.owned = 1</script>"
    assert page.js("return window.owned === undefined && document.querySelectorAll('#files script').length === 0")
