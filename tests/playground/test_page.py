"""The playground as a person uses it: Chromium, through the real nginx, with the real service behind it."""

import json
import os
import re

import pytest
from kit import answer_with, busy, output, problem, run, selected, unfold, wait_done, write
from stack import wait_until

pytestmark = pytest.mark.xdist_group("browser")

ENDLESS = "import time\nprint('begun', flush=True)\ntime.sleep(100)"
RISKY = "x = 1\nimport os\n\nos.system('id')\n"
SMILE = "\N{GRINNING FACE}"


# ---- what nginx serves


def test_headers(stack):
    for name in ("", "index.html", "main.mjs", "theme.css", "icon.svg", "not-there"):
        answer = stack.get("/playground/" + name)
        assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"], name
        assert answer.headers.get_all("X-Request-Id"), name
        if name == "not-there":
            assert answer.problem()["code"] == "not_found"
            continue
        policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'" and policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
        assert policy["require-trusted-types-for"] == "'script'" and "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name,kind", [("", "text/html"), ("main.mjs", "text/javascript"), ("theme.css", "text/css"),
                                       ("icon.svg", "image/svg+xml")])
def test_types(stack, name, kind):
    assert stack.get("/playground/" + name).headers["Content-Type"].split(";")[0] == kind


def test_only_the_page_is_served(stack):
    for path in ("/../conf/sandgate.conf", "/..%2fconf/sandgate.conf", "/%2e%2e/conf/sandgate.conf", "../conf/sandgate.conf"):
        raw = stack.raw(b"GET /playground%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path.encode())
        assert raw.split()[1] in (b"404", b"400") and b"runtime_dir" not in raw, path
    assert stack.request("POST", "/playground/").status == 405


def test_without_the_slash(stack):
    answer = stack.get("/playground")
    assert (answer.status, answer.headers["Location"]) == (301, "/playground/")


def test_everything_comes_from_this_host(page, stack):
    names = page.js("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert len(names) > 15 and all(name.startswith("http://127.0.0.1:%d/" % stack.port) for name in names), names


def test_the_browser_holds_the_page_to_its_policy(page):
    """What a hole in the page would need is refused: inline scripts, strings as markup, code out of strings, foreign hosts."""
    tried = page.js("""const tried = {};
        const script = document.createElement("script");
        try { script.textContent = "window.owned = true"; document.body.append(script); } catch (error) { tried.script = error.name; }
        const markup = "<img src=x onerror='window.owned = true'>";
        try { document.body.insertAdjacentHTML("beforeend", markup); } catch (error) { tried.markup = error.name; }
        document.body.setAttribute("style", "color: red");
        tried.style = getComputedStyle(document.body).color === "rgb(255, 0, 0)";
        return tried;""")
    assert tried["markup"] == "TypeError" and tried["style"] is False, tried
    foreign = page.command("POST", "execute/async", args=[], script="""const done = arguments[0];
        fetch("http://localhost:1/").then(() => done("sent"), (error) => done(error.name));""")
    assert foreign == "TypeError"
    assert page.js("return window.owned === undefined")
    complaints = " ".join(page.complaints())
    assert "Content Security Policy" in complaints and "style" in complaints and "connect-src" in complaints, complaints


# ---- running


def test_type_run_read(page):
    page.type("#code", "for n in range(3):\nprint('line', n)")
    assert page.js("return document.getElementById('code').value") == "for n in range(3):\n    print('line', n)"
    page.click("#run")
    wait_done(page)
    assert page.text("#banner h3") == "Succeeded"
    assert page.text("#stdout pre") == "line 0\nline 1\nline 2"
    assert not page.shows("#stderr") and not page.shows("#problem")
    figures = page.text("#figures")
    assert "Time" in figures and " ms" in figures and "Memory, peak" in figures


def test_languages_are_those_of_the_service(page, stack):
    runtimes = stack.get("/v1/runtimes").json
    options = page.js("return [...document.getElementById('language').options].map((option) => option.text)")
    assert len(options) == len(runtimes)
    for runtime, option in zip(runtimes, options):
        assert option.lower().startswith(runtime["language"]) and option.endswith(runtime["version"] or "")


def test_each_language_runs_its_first_example_and_keeps_what_was_written(page):
    options = page.js("return [...document.getElementById('language').options].map((option) => option.text)")
    write(page, "print('mine')")  # without a check: not every language has rules
    for option in options:
        if not option.startswith("Python"):
            page.choose("#language", option)
            assert run(page) == "Succeeded", (option, page.text("#results"))
            assert output(page)
    page.choose("#language", "Python")
    assert page.js("return document.getElementById('code').value") == "print('mine')"


def test_examples(page):
    """Each does what its name says."""
    names = page.js("return [...document.getElementById('example').options].slice(1).map((option) => option.text)")
    for name in names:
        page.choose("#example", name)
        headline = run(page)
        wanted = "Refused before it ran" if name.startswith("Refused") else name if name.startswith("Stopped") else "Succeeded"
        assert headline == wanted, (name, page.text("#results"))


def test_undo_brings_back_what_an_example_replaced(page):
    page.type("#code", "print(7)")
    page.choose("#example", "Refused: runs a command")
    assert "os.system" in page.js("return document.getElementById('code').value")
    page.click("#code")
    page.keys("Control", "z")
    assert page.js("return document.getElementById('code').value") == "print(7)"


def test_input_arguments_and_one_stream(page):
    code = "import sys\nprint(sys.argv[1:], sys.stdin.read())\nprint('to stderr', file=sys.stderr)"
    page.type("#stdin", "first\nsecond")
    page.type("#args", "one\ntwo words")
    assert run(page, code) == "Succeeded"
    assert output(page) == "['one', 'two words'] first\nsecond\n" and output(page, "stderr") == "to stderr\n"
    assert page.shows("#stderr")
    page.click("#merge")
    assert run(page) == "Succeeded"
    assert sorted(output(page).splitlines())[-1] == "to stderr" and not page.shows("#stderr")


def test_a_program_that_prints_nothing(page):
    assert run(page, "x = 1") == "Succeeded"
    assert page.shows("#silent") and not page.shows("#stdout")
    assert run(page, "print(1)") == "Succeeded"
    assert not page.shows("#silent")


@pytest.mark.parametrize("how", ["button", "Escape"])
def test_stop(page, stack, how):
    write(page, ENDLESS)
    page.keys("Control", "Enter")
    wait_until(stack.box_pids, what="the run's start")
    assert busy(page) and page.text("#banner h3") == "Running"
    if how == "button":
        page.click("#stop")
    else:
        page.keys("Escape")
    wait_done(page, 5)
    assert page.text("#banner h3") == "Stopped by you"
    wait_until(lambda: not stack.box_pids(), 10, what="the run's end")
    assert run(page, "print(2)") == "Succeeded" and output(page) == "2\n", "and on it goes"


def test_one_run_at_a_time(page, stack):
    write(page, ENDLESS)
    for _ in range(3):
        page.click("#run")
    page.keys("Control", "Enter")
    wait_until(stack.box_pids, what="the run's start")
    page.click("#check")
    assert page.text("#banner h3") == "Running"
    page.click("#stop")
    wait_done(page, 5)
    executes = len(re.findall(r'"POST /v1/execute ', stack.log("access").split("/playground/main.mjs")[-1]))
    assert executes <= 2, "one run, and perhaps one question whether there are events"


@pytest.mark.needs_cgroups
def test_why_a_run_ended_is_told_in_words(page):
    unfold(page)
    page.type("#limit-memory_bytes", "64")
    assert run(page, "x = bytearray(200 * 1024 * 1024)") == "Stopped: out of memory"
    text = page.text("#banner")
    assert "limit 64.0 MiB" in text and "Hint:" in text
    page.type("#limit-wall_time_ms", "0.5")
    assert run(page, "while True: pass") == "Stopped: out of time"
    assert "limit 0.5 s" in page.text("#banner") and "limits.wall_time_ms" in page.text("#banner")


def test_exit_code_and_traceback(page):
    assert run(page, "print('before')\n1 / 0") == "Failed with exit code 1"
    assert "ZeroDivisionError" in output(page, "stderr") and output(page) == "before\n"


def test_what_held_it_and_the_answer_as_json(page):
    run(page, "print(1)")
    unfold(page, "#details")
    text = page.text("#details")
    for words in ("Network\nnone", "One execve only\nyes", "Capabilities\nnone", "Engine\nnative", "Start\n", "Making the box\n"):
        assert words in text, (words, text)
    document = json.loads(page.text("#details .json"))
    assert document["status"] == "success" and document["stdout_bytes"] == 2


# ---- risk


def marks(page):
    """[(line, severity)] of the gutter."""
    return [tuple(mark) for mark in page.js("""return [...document.querySelectorAll("#gutter > div")]
        .map((node, n) => [n + 1, node.dataset.severity || null]).filter(([, severity]) => severity)""")]


def test_findings_are_on_their_lines_and_lead_there(page):
    assert run(page, RISKY, "strict") == "Refused before it ran"
    assert marks(page) == [(2, "high"), (4, "critical")]
    assert "90 of 100" in page.text("#risk") and "refused" in page.text("#risk")
    items = page.text("#finding-list")
    assert "Line 2" in items and "imports os" in items and "Instead:" in items and "python.os.run" in items
    page.click("#finding-list li:nth-child(2) button")
    assert selected(page) == "os.system"
    page.click("#gutter > div:nth-child(2)")
    assert page.js("return document.activeElement.textContent") == "Line 2"


def test_marks_move_with_their_lines_and_jumps_follow(page):
    run(page, RISKY, "strict")
    page.click("#code")
    page.keys("Control", "Home")
    page.write("# a line\n# and one more\n")
    assert marks(page) == [(4, "high"), (6, "critical")]
    page.click("#finding-list li:nth-child(2) button")
    assert selected(page) == "os.system"
    assert run(page, "print(1)", "strict") == "Succeeded"
    assert marks(page) == []


def test_columns_are_code_points(page):
    assert run(page, "x = '%s%s'; import os" % (SMILE, SMILE), "strict") == "Refused before it ran"
    page.click("#finding-list li button")
    assert selected(page) == "os"


def test_check_runs_nothing(page, stack):
    before = stack.get("/ready").json["runs_total"]
    write(page, RISKY, "balanced")
    page.click("#check")
    wait_done(page)
    assert "Policy balanced" in page.text("#risk") and marks(page) and not page.shows("#banner")
    assert stack.get("/ready").json["runs_total"] == before


def test_policies_are_those_that_are_allowed(page, page_of, make_stack):
    def policies():
        return page.js("return [...document.getElementById('policy').options].map((option) => option.text)")
    assert [text.split()[0] for text in policies()] == ["strict", "balanced", "report", "no"]
    one = make_stack(server="""location /guarded/v1/ { rewrite ^/guarded(/.*)$ $1 break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
            fastcgi_param SANDGATE_VALIDATE required; fastcgi_param SANDGATE_LANGUAGES python; fastcgi_pass sandgate_workers; }
        location /guarded/playground/ { rewrite ^/guarded(/.*)$ $1 last; }""")
    page_of(one, "/guarded/playground/")
    assert not any(text.startswith("no check") for text in policies())
    assert page.js("return [...document.getElementById('language').options].length") == 1
    assert run(page, "print('guarded')", "strict") == "Succeeded" and output(page) == "guarded\n"


# ---- errors


def test_bad_fields_are_told_at_the_fields(page):
    unfold(page)
    page.type("#limit-wall_time_ms", "9999")
    page.type("#limit-processes", "many")
    page.js("for (const one of document.querySelectorAll('.options details')) one.open = false")
    assert run(page, "print(1)") == "The request has invalid fields"
    text = page.text("#problem")
    assert "/limits/wall_time_ms is 9999000; allowed:" in text and "/limits/processes is a string" in text and "invalid_request" in text
    for field in ("limit-wall_time_ms", "limit-processes"):
        described = page.js("""const field = document.getElementById(arguments[0]);
            const texts = field.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent);
            return [field.getAttribute("aria-invalid"), texts.join(" ")]""", field)
        assert described[0] == "true" and "allowed:" in described[1], described
    page.click("#problem button.jump")
    assert page.focused() == "limit-wall_time_ms" and page.shows("#limit-wall_time_ms")
    page.type("#limit-wall_time_ms", "5")
    page.type("#limit-processes", "50")
    assert run(page) == "Succeeded" and not page.shows("#problem")
    assert page.js("return document.querySelectorAll('[aria-invalid], .field-error').length") == 0


def test_two_errors_of_one_field_leave_no_trace(page):
    """Language and version are one field, policy and validate another, which is described already."""
    pointers = ("/language", "/version", "/policy", "/validate")
    answer_with(page, problem("Two at each", errors=[{"pointer": pointer, "detail": "bad " + pointer} for pointer in pointers]))
    unfold(page)

    def described():
        return page.js("""return ["language", "policy"].map((id) => document.getElementById(id)).map((field) => [
            field.getAttribute("aria-invalid"), field.getAttribute("aria-describedby"),
            (field.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent).join("|")]);""")
    before = described()
    assert run(page, "print(1)") == "Two at each"
    for (invalid, _, texts), words in zip(described(), (("bad /language", "bad /version"), ("looked at", "bad /policy", "bad /validate"))):
        assert invalid == "true" and all(word in texts for word in words), texts
    assert run(page) == "Succeeded"
    assert described() == before
    assert [ids for _, ids, _ in before] == [None, "policy-help"]


WITHOUT_RULES = problem("No rules", code="validation_unavailable")


def policy(page):
    return page.js("return document.getElementById('policy').selectedOptions[0].text").split()[0]


def test_a_language_without_rules_can_be_run_without_a_check(page):
    """That one run: what is chosen stays chosen, and the next program is looked at again."""
    write(page, "print(4)", "strict")
    answer_with(page, WITHOUT_RULES)
    assert run(page) == "No rules"
    page.click("#problem .again button")
    wait_done(page)
    assert page.text("#banner h3") == "Succeeded" and output(page) == "4\n" and "without a risk score" in page.text("#risk")
    assert policy(page) == "strict"
    page.choose("#language", "JavaScript")
    page.choose("#language", "Python")
    assert run(page, RISKY, None) == "Refused before it ran"


def test_try_again_is_that_run_again(page):
    write(page, RISKY, "strict")
    answer_with(page, WITHOUT_RULES, problem("Busy", status=503, retryable=True))
    assert run(page) == "No rules"
    page.click("#problem .again button")
    page.wait(lambda: page.text("#problem h3") == "Busy", what="the second problem")
    wait_done(page)
    page.click("#problem .again button")
    wait_done(page)
    assert page.text("#banner h3") == "Succeeded"
    assert run(page) == "Refused before it ran"


def test_a_check_offers_no_run(page):
    write(page, "print(4)", "strict")
    answer_with(page, WITHOUT_RULES)
    page.js("""const mocked = window.fetch; // which answers runs
        window.fetch = (url, options) => mocked(String(url).replace("/v1/validate", "/v1/execute"), options);""")
    page.click("#check")
    wait_done(page)
    assert page.text("#problem h3") == "No rules"
    assert page.js("return document.querySelectorAll('#problem button').length") == 0


def test_busy_says_when_to_come_back(page_of, make_stack):
    one = make_stack(slots=1, queue=0)
    page = page_of(one)
    taken = one.begin("import time; time.sleep(100)")
    wait_until(one.box_pids, what="the run's start")
    assert run(page, "print(1)") == "All slots are taken"
    text = page.text("#problem")
    assert re.search(r"asks to wait \d+ second|may be room", text) and "busy, request " in text, text
    taken.close()
    wait_until(lambda: not one.box_pids(), 5, what="the slot")
    page.click("#problem .again button")
    wait_done(page)
    assert page.text("#banner h3") == "Succeeded" and output(page) == "1\n"


def test_too_many_requests(page_of, make_stack):
    one = make_stack(http="limit_req_zone $binary_remote_addr zone=one:1m rate=1r/m;",
                     server="""location = /v1/execute { limit_req zone=one; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
                               fastcgi_pass sandgate_workers; }""")
    page = page_of(one)
    headlines = [run(page, "print(1)") for _ in range(3)]
    assert headlines[-1] == "Too Many Requests" and "asks to wait" in page.text("#problem")


def test_no_worker_and_no_server(page_of, make_stack):
    one = make_stack()
    page = page_of(one)
    one.stop_process("workers")
    assert run(page, "print(1)") == "Bad Gateway"
    assert "no worker answered" in page.text("#problem").lower()
    one.stop_process("nginx")
    assert run(page, "print(1)") == "The service cannot be reached"
    page.complaints()  # Chromium names each connection that it could not make


def test_a_page_that_could_not_load_can_try_again(browser, page_of, make_stack):
    one = make_stack()
    one.stop_process("status")
    browser.open("http://127.0.0.1:%d/playground/" % one.port)
    browser.wait(lambda: browser.shows("#problem"), what="the problem")
    assert browser.text("#problem h3") == "Bad Gateway"
    one.start_workers("status", 2)
    browser.click("#problem .again button")
    browser.wait(lambda: browser.js("return document.documentElement.dataset.ready === 'yes'"), what="the page to load")
    assert run(browser, "print(3)") == "Succeeded"


# ---- the editor


def code(page):
    return page.js("return document.getElementById('code').value")


def test_the_picture_of_the_text_is_the_text(page):
    for text in ("", "\n", "a\n\n\n", "if x:\n\ty = '%s'  # \u00e4\n" % SMILE, "'''\n\n'''\n" * 50, "x" * 3000, "\r\n\x00z"):
        write(page, text, None)
        seen, number = page.js("""return [[...document.querySelectorAll("#paint > .line")].map((line) => line.textContent).join("\\n"),
                                  document.querySelectorAll("#gutter > div").length]""")
        assert seen == code(page) and number == code(page).count("\n") + 1


def test_each_character_is_over_its_picture(page):
    """Else the caret would stand beside the text."""
    write(page, "    x = 'wide \u00e4'\n" * 60 + "y" * 300, None)
    same = page.js("""const field = document.getElementById("code"), paint = document.getElementById("paint");
        const names = ["fontFamily", "fontSize", "lineHeight", "letterSpacing", "tabSize", "paddingTop", "paddingLeft", "whiteSpace"];
        const of = (node) => names.map((name) => getComputedStyle(node)[name]);
        return [of(field), of(paint), field.getBoundingClientRect().top - paint.getBoundingClientRect().top,
                field.getBoundingClientRect().left - paint.getBoundingClientRect().left,
                field.scrollWidth - field.clientWidth, field.scrollHeight - field.clientHeight];""")
    assert same[0] == same[1] and same[2:] == [0, 0, 0, 0], same


def caret_is_seen(page):
    """Its place among the coloured lines is within the frame."""
    return page.js("""const field = document.getElementById("code");
        const before = field.value.slice(0, field.selectionEnd).split("\\n");
        const line = document.querySelectorAll("#paint > .line")[before.length - 1];
        const range = document.createRange();
        range.selectNodeContents(line);
        const end = (range.getClientRects()[0] ? [...range.getClientRects()].at(-1) : line.getBoundingClientRect());
        const x = before.at(-1) === "" ? line.getBoundingClientRect().left : end.right;
        const frame = document.getElementById("editor").getBoundingClientRect();
        const row = line.getBoundingClientRect();
        return row.top >= frame.top && row.bottom <= frame.bottom && x > document.getElementById("gutter").getBoundingClientRect().right - 13
            && x < frame.right;""")


def test_the_caret_stays_in_view(page):
    write(page, "x\n" * 200, None)
    page.click("#code")
    page.keys("Control", "End")
    page.write("the end")
    assert caret_is_seen(page)
    page.write("\n\n")
    assert caret_is_seen(page)
    page.write("long " * 40)
    assert caret_is_seen(page)
    page.write("\n")
    assert caret_is_seen(page)
    page.keys("Control", "Home")
    page.write("y")
    page.keys("Home")
    assert page.js("return document.getElementById('editor').scrollTop") < 20


def test_what_is_pasted_is_followed(page):
    write(page, "", None)
    page.click("#code")
    page.js("document.execCommand('insertText', false, 'line\\n'.repeat(300) + 'wide '.repeat(60))")
    assert caret_is_seen(page)


def test_tab_indents_while_writing_and_undo_knows_it(page):
    page.type("#code", "a")
    page.keys("Home")
    page.keys("Tab")
    assert code(page) == "    a" and page.focused() == "code"
    page.keys("Shift", "Tab")
    assert code(page) == "a" and page.focused() == "code"
    page.keys("Control", "z")
    assert code(page) == "    a"


def test_very_long_text_is_plain_and_still_runs(page):
    write(page, "# x\n" * 6000 + "import os\n", "strict")
    assert page.js("return document.getElementById('editor').hasAttribute('data-plain')")
    assert page.js("return document.querySelectorAll('#paint > *, #gutter > *').length") == 0
    assert run(page) == "Refused before it ran"
    page.click("#finding-list li button")
    assert selected(page) == "os"
    assert page.js("return document.getElementById('code').scrollTop") > 1000, "and it is in view"
    write(page, "print(1)", None)
    assert not page.js("return document.getElementById('editor').hasAttribute('data-plain')")


def test_typing_in_a_long_program_is_quick(page):
    """The work of one key in the longest text with colours, against that of drawing it all: only a small part."""
    whole, key = page.js("""const field = document.getElementById("code");
        const change = (text) => { field.value = text; const begun = performance.now();
            field.dispatchEvent(new Event("input", { bubbles: true })); return performance.now() - begun; };
        const text = "value = call('text', 1) # note\\n".repeat(4900);
        const whole = change(text);
        const keys = Array.from({ length: 9 }, (_, n) => change(text.slice(0, 70000) + "x".repeat(n + 1) + text.slice(70000)));
        return [whole, keys.sort((a, b) => a - b)[4]];""")
    assert key < whole / 2, (whole, key)


def test_the_page_is_the_shipped_one(stack):
    source = os.path.join(os.path.dirname(__file__), "..", "..", "nginx-conf", "playground", "main.mjs")
    with open(source, "rb") as f:
        assert stack.get("/playground/main.mjs").body == f.read()
