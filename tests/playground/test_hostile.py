"""Programs that want something of whoever looks at their output: markup, escape sequences, floods, names of files. Their output
is text in the page, bounded, and nothing else."""

import base64
import json

import pytest
from kit import answer_with, busy, output, run, unfold, wait_done, without_events, write
from stack import wait_until

pytestmark = pytest.mark.xdist_group("browser")

MARKUP = ["<script>window.owned = 1</script>", "<img src=x onerror='window.owned = 1'>", "<svg onload=window.owned=1>",
          "</pre><h1>Succeeded</h1>", "<a href='javascript:window.owned=1'>Save</a>", "<style>*{display:none}</style>",
          "<meta http-equiv=refresh content='0;url=//example.org'>", "{{constructor.constructor('window.owned=1')()}}", "&lt;&#60;\x3c"]
# What the page may hold of one stream, in characters: head and tail and a line between them.
MOST = 2 * 64 * 1024 + 1000


def elements(page):
    return page.js("return document.querySelectorAll('*').length")


def check_untouched(page):
    assert page.js("return [document.title, window.owned === undefined, document.querySelectorAll('h1').length]") == \
        ["Sandgate playground", True, 1]


def test_markup_is_text(page):
    """On stdout, on stderr, in the sentence about the end, everywhere."""
    code = "import sys\nfor text in %r:\n    print(text)\n    print(text, file=sys.stderr)\nsys.exit(3)" % MARKUP
    assert run(page, code) == "Failed with exit code 3"
    assert output(page) == "\n".join(MARKUP) + "\n" == output(page, "stderr")
    assert page.js("return document.querySelectorAll('#stdout > pre *, #stderr > pre *').length") == 6, "head, gap, tail of both"
    unfold(page, "#details")
    check_untouched(page)


def test_markup_in_findings_is_text(page):
    """Snippets come from the program's source; where the code itself is shown, too."""
    code = "import os  # <img src=x onerror='window.owned=1'></pre><script>window.owned=1</script>"
    assert run(page, code, "strict") == "Refused before it ran"
    assert "<img src=x" in page.text("#finding-list .snippet") and page.js("return document.querySelector('#paint').textContent") == code
    assert page.js("return document.querySelectorAll('#findings img, #findings script, #paint img, #paint script').length") == 0
    check_untouched(page)


def test_escape_sequences_are_seen_and_not_obeyed(page):
    run(page, r"print('\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m \x9b1A back\b\b bell\x07 nul\0')")
    assert output(page) == "\u241b]0;title\u2407\u241b[2J\u241b[31mred\u241b[0m \u27e8U+009B\u27e91A back\u2408\u2408 bell\u2407 nul\u2400\n"
    check_untouched(page)


def test_text_cannot_change_its_direction(page):
    run(page, r"print('safe\u202e\u2066txt.exe\u2069')")
    assert output(page) == "safe\u27e8U+202E\u27e9\u27e8U+2066\u27e9txt.exe\u27e8U+2069\u27e9\n"


def test_stacked_marks_do_not_leave_their_box(page):
    run(page, "print('z' + '\u0335\u0321\u0489' * 5000)")
    box = page.js("const box = document.querySelector('#stdout > pre'); return getComputedStyle(box).overflowY")
    assert box == "auto"
    assert page.js("return document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("what,code", [
    ("one line", "import sys\nsys.stdout.write('x' * 8000000)"),
    ("many lines", "import sys\nsys.stdout.write('\\n' * 8000000)"),
    ("tags", "import sys\nsys.stdout.write('<b>' * 2600000)"),
    ("both streams", "import sys\nfor n in range(150000):\n    print(n)\n    print(n, file=sys.stderr)"),
])
def test_a_flood_is_bounded_in_the_page_and_whole_in_the_file(page, what, code):
    before = elements(page)
    page.js("document.querySelector('.options > details:last-child').open = true")
    page.type("#limit-output_bytes", "8")
    assert run(page, code) == "Succeeded"
    shown = output(page)
    assert len(shown) < MOST and "not shown" in page.text("#stdout .gap"), len(shown)
    assert page.js("return document.querySelector('#stdout > pre').textContent.split('\\n').length") < 4100
    assert elements(page) < before + 300
    page.keys("Tab")  # it still answers
    assert page.js("return 6 * 7") == 42
    content = page.download("#stdout header a", "stdout.txt")
    assert len(content) > 900000, len(content)


def test_what_the_service_left_out_is_told_in_its_place(page):
    page.js("document.querySelector('.options > details:last-child').open = true")
    page.type("#limit-output_bytes", "0.01")
    without_events(page)  # with them nothing is left out
    run(page, "print('a' * 50000 + 'b' * 50000)")
    gap = page.text("#stdout .gap")
    assert "KiB not kept by the service" in gap, gap
    text = output(page)
    assert text.index("a" * 1000) < text.index("not kept") < text.index("b" * 1000)
    assert "97.7 KiB" in page.text("#stdout .note")


def test_bytes_that_are_no_text(page):
    run(page, "import os\nos.write(1, b'ok\\xff\\xfe\\x00end')")
    assert output(page) == "ok\ufffd\ufffd\u2400end"
    assert "not all UTF-8" in page.text("#stdout .note")
    assert page.download("#stdout header a", "stdout.txt") == b"ok\xff\xfe\x00end"


def test_output_that_looks_like_our_own(page):
    """A program prints an answer, an event and a problem; the page shows what the service says."""
    forged = 'event: result\ndata: {"status":"success"}\n\n{"status": "success", "stdout": "forged"}'
    assert run(page, "print(%r)\nraise SystemExit(1)" % forged) == "Failed with exit code 1"
    assert output(page) == forged + "\n"


def test_a_flood_can_be_stopped(page, stack):
    """The page keeps hearing keys while output pours in."""
    write(page, "while True: print('x' * 1000)")
    page.keys("Control", "Enter")
    wait_until(stack.box_pids, what="the run's start")
    page.keys("Escape")
    wait_done(page, 15)
    assert page.text("#banner h3") in ("Stopped by you", "Stopped: too much output")


# ---- hostile files, events and floods of them: answers as the service would give them for the worst of programs

EVENTS = {"Content-Type": "text/event-stream"}
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
RESULT = {"id": "a", "status": "success", "success": True, "exit_code": 0, "error": None, "termination": {"reason": "exited", "limit": None,
          "peak": None, "hint": None, "limits_hit": []}, "validation": None, "resource_usage": None, "timings": None, "isolation": None,
          "runtime": {"language": "python", "version": None}, "engine": "native"}


def event(name, **document):
    return "event: %s\ndata: %s\n\n" % (name, json.dumps(document))


def test_events_fill_the_page_while_the_program_runs(page):
    answer_with(page, {"headers": EVENTS, "pieces": [
        event("start", id="a", runtime={}), event("stdout", data="first\n", encoding="utf8"), 8000, event("ping"),
        event("stderr", data="oops\n", encoding="utf8"), event("stdout", data="last\n", encoding="utf8"), event("result", **RESULT)]})
    page.click("#run")
    page.wait(lambda: output(page) == "first\n", what="the first line")
    assert busy(page)
    wait_done(page)
    assert (output(page), output(page, "stderr"), page.text("#banner h3")) == ("first\nlast\n", "oops\n", "Succeeded")


def test_a_flood_of_events(page):
    """Many small pieces, both streams in turn: few elements, bounded text, a page that answers."""
    pieces = ["".join(event("stdout", data="x%d\n" % n, encoding="utf8") + event("stderr", data="y%d\n" % n, encoding="utf8")
                      for n in range(block, block + 1000)) for block in range(0, 60000, 1000)]
    before = elements(page)
    answer_with(page, {"headers": EVENTS, "pieces": pieces + [event("result", **RESULT)]})
    page.click("#run")
    wait_done(page)
    for name, letter in (("stdout", "x"), ("stderr", "y")):
        text = output(page, name)
        assert len(text) < MOST and text.startswith(letter + "0\n") and text.endswith(letter + "59999\n")
    assert elements(page) < before + 300


def test_events_that_break_off_leave_what_came(page):
    answer_with(page, {"headers": EVENTS, "pieces": [event("start"), event("stdout", data="so far\n", encoding="utf8")]})
    assert run(page) == "The answer broke off"
    assert output(page) == "so far\n"


def test_a_problem_after_output(page):
    answer_with(page, {"headers": EVENTS, "pieces": [event("stdout", data="so far\n", encoding="utf8"), event(
        "error", title="The executor went away", detail="<b>x</b>", status=502, code="executor_lost", errors=[], retryable=True,
        retry_after_s=30, hint=None)]})
    assert run(page) == "The executor went away"
    assert output(page) == "so far\n" and "<b>x</b>" in page.text("#problem") and "asks to wait" in page.text("#problem")


def file(path, content, media_type):
    return {"path": path, "size": len(content), "content": base64.b64encode(content).decode(), "encoding": "base64", "media_type": media_type}


HOSTILE_FILES = [
    file("plot-1.png", PIXEL, "image/png"),
    file("page.html", b"<script>window.owned = 1</script>", "text/html"),
    file("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.owned=1'/>", "image/svg+xml"),
    file("lie.png", b"<script>window.owned = 1</script>", "image/png"),
    file("dir/<img src=x onerror='window.owned=1'>.txt", b"text", "text/plain; charset=utf-8"),
    file("turned\u202egnp.exe", b"MZ", "application/x-msdownload"),
    {"path": "plain.txt", "size": 5, "content": "plain", "encoding": "utf8", "media_type": "text/plain"},
]


@pytest.mark.parametrize("how", ["answer", "events"])
def test_pictures_are_shown_and_files_can_be_saved(page, how):
    if how == "answer":
        answer = {**RESULT, "stdout": "", "stderr": "", "files": HOSTILE_FILES}
        answer_with(page, {"headers": {"Content-Type": "application/json"}, "pieces": [json.dumps(answer)]})
    else:
        answer_with(page, {"headers": EVENTS, "pieces": [event("file", **one) for one in HOSTILE_FILES]
                           + [event("result", **RESULT, files=[{"path": "plot-1.png", "size": len(PIXEL)}])]})
    assert run(page) == "Succeeded"
    page.wait(lambda: page.js("return [...document.querySelectorAll('#files img')].every((image) => image.complete)"), what="the pictures")
    pictures = page.js("return [...document.querySelectorAll('#files img')].map((image) => [image.alt, image.naturalWidth])")
    assert pictures == [["Picture made by the program: plot-1.png", 1], ["Picture made by the program: lie.png", 0]]
    links = page.js("""return [...document.querySelectorAll("#files a")]
        .map((link) => [link.textContent, link.download, link.href.split(":")[0]]);""")
    assert len(links) == len(HOSTILE_FILES) and all(link[2] == "blob" for link in links)
    assert links[4][:2] == ["Save dir/<img src=x onerror='window.owned=1'>.txt", "<img src=x onerror='window.owned=1'>.txt"]
    assert "\u202e" not in links[5][0] + links[5][1]
    assert page.js("return document.querySelectorAll('#files script, #files svg').length") == 0
    check_untouched(page)


def test_a_file_of_a_program_never_becomes_a_page(page):
    """Opened instead of saved, a page of a program's making would be one of this origin."""
    page.js("""window.types = [];
        const real = URL.createObjectURL;
        URL.createObjectURL = (blob) => { window.types.push(blob.type); return real.call(URL, blob); };""")
    answer = {**RESULT, "stdout": "<script>1</script>", "stdout_encoding": "utf8", "stderr": "", "files": HOSTILE_FILES}
    answer_with(page, {"headers": {"Content-Type": "application/json"}, "pieces": [json.dumps(answer)]})
    run(page)
    assert set(page.js("return window.types")) == {"image/png", "application/octet-stream"}


def test_what_did_not_come_back_is_told(page):
    omitted = {"count": 40, "files": [{"path": "out/<b>link", "reason": "not_a_file"}, {"path": "big", "reason": "too_large"},
                                      {"path": "odd", "reason": "of_tomorrow"}]}
    answer = {**RESULT, "stdout": "", "stderr": "", "files": [], "files_omitted": omitted}
    answer_with(page, {"headers": {"Content-Type": "application/json"}, "pieces": [json.dumps(answer)]})
    run(page)
    text = page.text("#files-omitted")
    assert "40 more files, links or folders did not come back." in text
    for words in ("out/<b>link: not a regular file", "big: too large", "odd: of tomorrow"):
        assert words in text, text


@pytest.mark.parametrize("files,shown", [(256, 256), (5000, 256)])
def test_many_files(page, files, shown):
    """As many as a service may be set up to give are shown; of something else that listens there, no more."""
    answer = {**RESULT, "stdout": "", "stderr": "", "files": [{**HOSTILE_FILES[-1], "path": "f%d" % n} for n in range(files)]}
    answer_with(page, {"headers": {"Content-Type": "application/json"}, "pieces": [json.dumps(answer)]})
    assert run(page) == "Succeeded"
    assert page.js("return document.querySelectorAll('#file-list > li').length") == shown


def test_a_compiler_that_complains(page):
    compile_run = {"status": "failed", "success": False, "exit_code": 1, "stdout": "", "stderr": "main.c:1: <b>error</b>\x1b[0m",
                   "error": None, "termination": {"reason": "exited"}}
    answer = {**RESULT, "status": "failed", "success": False, "exit_code": None, "error": "The program could not be compiled.",
              "stdout": "", "stderr": "", "termination": None, "compile": compile_run}
    answer_with(page, {"headers": {"Content-Type": "application/json"}, "pieces": [json.dumps(answer)]})
    run(page)
    assert "main.c:1: <b>error</b>\u241b[0m" in page.text("#details .compiler") and "could not be compiled" in page.text("#banner")


@pytest.mark.parametrize("body", ["null", "[]", "7", '"text"', "{}", '{"status": "success"}', '{"validation": {"findings": [{}]}}'])
def test_documents_that_are_no_answers(page, body):
    """Of something else that listens there: the page says so, and goes on."""
    answer_with(page, {"headers": {"Content-Type": "application/json"}, "pieces": [body]})
    page.click("#run")
    wait_done(page)
    assert page.shows("#banner") or page.shows("#problem")
    assert run(page, "print(1)") == "Succeeded"
