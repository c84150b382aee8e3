"""Output on the page while the program runs: the service's own events, through the real nginx, read by a browser's fetch."""

import pytest
from kit import busy, output, run, wait_done, write
from stack import wait_until

pytestmark = pytest.mark.xdist_group("browser")


def test_a_line_is_seen_before_the_program_ends(page, stack):
    """The program waits for ever after its first line: what is seen was seen during the run, however slow the machine is."""
    write(page, "import sys, time\nprint('first', flush=True)\nprint('oops', file=sys.stderr, flush=True)\ntime.sleep(100)")
    page.keys("Control", "Enter")
    page.wait(lambda: output(page) == "first\n" and output(page, "stderr") == "oops\n", what="the first lines")
    assert busy(page) and page.text("#banner h3") == "Running"
    page.keys("Escape")
    wait_done(page, 5)
    assert page.text("#banner h3") == "Stopped by you" and output(page) == "first\n", "what came stays"
    wait_until(lambda: not stack.box_pids(), 10, what="the run's end")


def test_the_end_of_a_run_with_events(page):
    assert run(page, "import sys\nprint('a \N{GRINNING FACE} b')\nsys.stderr.write('c')\nsys.exit(3)") == "Failed with exit code 3"
    assert output(page) == "a \N{GRINNING FACE} b\n" and output(page, "stderr") == "c"
    assert "Time" in page.text("#figures")
    accepted = page.js("return performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('/v1/execute')).length")
    assert accepted == 1, "the first question was answered: no fall back to the plain document"
    assert run(page, "import os", "strict") == "Refused before it ran" and page.shows("#finding-list")


def test_a_flood_of_events_is_bounded_and_saved(page):
    """More than an answer without events keeps: nothing is missing in the file."""
    assert run(page, "import sys\nfor n in range(300000):\n    sys.stdout.write('line %d\\n' % n)") == "Succeeded"
    text = output(page)
    assert len(text) < 140000 and text.startswith("line 0\n") and text.endswith("line 299999\n")
    saved = page.download("#stdout header a", "stdout.txt")
    assert saved == b"".join(b"line %d\n" % n for n in range(300000))


def test_bytes_and_halves_of_characters(page):
    run(page, "import os, time\nos.write(1, b'\\xf0\\x9f')\ntime.sleep(0.2)\nos.write(1, b'\\x98\\x80|\\xff|')")
    assert output(page) == "\N{GRINNING FACE}|\ufffd|"
    assert page.download("#stdout header a", "stdout.txt") == b"\xf0\x9f\x98\x80|\xff|"


def test_a_run_that_ends_at_its_limit_keeps_what_it_wrote(page):
    page.js("document.querySelector('.options > details:last-child').open = true")
    page.type("#limit-wall_time_ms", "1")
    assert run(page, "print('before', flush=True)\nwhile True: pass") == "Stopped: out of time"
    assert output(page) == "before\n"
