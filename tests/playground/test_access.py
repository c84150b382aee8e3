"""The playground by keyboard and screen reader, narrow and wide, light and dark, calm."""

import os
import re

import pytest
from kit import answer_with, output, problem, run, spoken, unfold, wait_done, write
from stack import BUILD

pytestmark = pytest.mark.xdist_group("browser")

TOOLS = os.environ.get("SG_TOOLS") or os.path.join(os.path.dirname(BUILD), "tools")
AXE = os.path.join(TOOLS, "node_modules", "axe-core", "axe.min.js")
RISKY = "import os\nos.system('id')\n"
PHONE, SMALL, LAPTOP, WIDE = (320, 640), (768, 1024), (1280, 800), (1920, 1080)


def tab_to(page, name, most=40):
    """Presses Tab until the element with that id has the focus; gives the ids passed."""
    passed = []
    for _ in range(most):
        page.keys("Tab")
        passed.append(page.focused())
        if passed[-1] == name:
            return passed
    raise AssertionError("not reached by Tab: %s; passed %s" % (name, passed))


def test_a_run_by_keyboard_alone(page):
    page.keys("Tab")
    assert page.js("return document.activeElement.textContent") == "Skip to the program"
    assert page.js("const box = document.activeElement.getBoundingClientRect(); return box.left >= 0 && box.top >= 0"), "it is seen"
    page.keys("Enter")
    assert page.focused() == "code"
    page.keys("Control", "a")
    page.write("print('by hand')")
    page.keys("Control", "Enter")
    wait_done(page)
    assert output(page) == "by hand\n" and page.focused() == "code", "the focus stays where it was"
    page.keys("Escape")
    page.keys("Tab")
    assert page.focused() == "", "out of the editor, to the summary below it"
    page.keys("Shift", "Tab")
    page.keys("Shift", "Tab")
    assert page.focused() == "run"
    page.keys("Enter")
    wait_done(page)
    assert page.focused() == "run" and page.text("#banner h3") == "Succeeded", "no focus is lost"


def test_tab_walks_through_the_whole_page_and_the_editor(page):
    write(page, RISKY, "strict")
    run(page)
    page.js("document.querySelector('.skip').focus()")
    passed = tab_to(page, "code")
    assert [name for name in passed if name] == ["language", "example", "check", "stop", "run", "code"]
    passed = tab_to(page, "merge")
    assert [name for name in passed if name] == ["stdin", "args", "merge"]
    page.js("document.querySelector('#details summary').focus()")
    for _ in range(30):
        page.keys("Shift", "Tab")
        if page.focused() == "language":
            break
    assert page.focused() == "language", "and back, through the editor"


def test_the_editor_does_not_keep_whoever_has_written(page):
    page.click("#code")
    page.write("x")
    page.keys("Tab")
    assert page.focused() == "code"
    page.keys("Escape")
    page.keys("Tab")
    assert page.focused() != "code"


def test_focus_is_seen_everywhere(page):
    run(page, RISKY, "strict")
    unfold(page)
    page.js("document.getElementById('language').focus()")
    seen = set()
    for _ in range(60):
        page.keys("Tab")
        what, outlined, inside = page.js("""const node = document.activeElement;
            const framed = node.closest(".editor") ?? node; // which shows that what is in it has the focus
            const style = getComputedStyle(framed);
            const box = node.getBoundingClientRect();
            return [node === document.body ? "the body" : node.id || node.textContent.slice(0, 20),
                    style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1, box.width > 0 && box.height > 0];""")
        if what in seen or what == "the body":
            break
        assert outlined and inside, what
        seen.add(what)
    assert len(seen) > 20, seen


def test_what_is_read_out(page):
    assert page.js("return document.querySelector('[role=status]').getAttribute('role')") == "status"
    run(page, "print('hello')")
    assert spoken(page) == "Succeeded. Output: hello\n"
    run(page, "1 / 0")
    assert spoken(page).startswith("Failed with exit code 1. The program ended with exit code 1.")
    run(page, RISKY, "strict")
    assert spoken(page).startswith("Refused before it ran. The code was refused before it ran: its risk score is 90")
    run(page, "print('x' * 100000)")
    assert len(spoken(page)) < 400, "a flood is not read out"
    assert page.js("return document.getElementById('problem').getAttribute('role')") == "alert"


@pytest.mark.parametrize("button", ["run", "check"])
def test_a_problem_ends_what_was_said(page, button):
    """The alert is read out by itself; what was said before it would be untrue."""
    write(page, "print(1)", "strict")
    page.js("""window.said = [];
        const status = document.querySelector("[role=status]");
        new MutationObserver(() => window.said.push(status.textContent)).observe(status, { childList: true });
        window.fetch = () => Promise.reject(new TypeError("no connection"));""")
    page.click("#" + button)
    page.wait(lambda: page.shows("#problem"), what="the problem")
    wait_done(page)
    assert page.text("#problem h3") == "The service cannot be reached"
    assert page.js("return window.said") == [{"run": "Running", "check": "Checking"}[button], ""] and spoken(page) == ""


def test_seconds_to_wait_are_read_out_once(page):
    """An alert is read again whenever its text changes: what ticks in it is hidden from screen readers, and is written when it changes."""
    answer_with(page, problem("Busy", status=503, code="busy", retryable=True, retry_after=10))
    assert run(page, "print(1)") == "Busy"
    page.js("""window.seen = [];
        const box = document.getElementById("problem");
        new MutationObserver((records) => window.seen.push(...records.map(({ target }) => {
            const node = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
            return [node.closest("[aria-hidden=true]") !== null, node.textContent];
        }))).observe(box, { childList: true, characterData: true, subtree: true });""")
    page.wait(lambda: "Now there may be room." in page.text("#problem"), what="the end of the wait")
    seen = page.js("return window.seen")
    assert all(hidden for hidden, _ in seen), seen
    texts = [text for _, text in seen]
    assert texts[-1] == "Now there may be room." and len(set(texts)) == len(texts), texts
    heard = [name for role, name in tree(page) if role == "StaticText"]
    assert "The service asks to wait 10 seconds." in heard and "Now there may be room." not in heard, heard


def tree(page):
    """[(role, name)] of what assistive technology sees."""
    nodes = page.cdp("Accessibility.getFullAXTree")["nodes"]
    return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]


def test_the_accessibility_tree(page):
    run(page, RISKY, "strict")
    unfold(page)
    seen = tree(page)
    for role, name in [("main", ""), ("banner", ""), ("heading", "Sandgate playground"), ("heading", "Risk"), ("form", "Program"),
                       ("region", "Results"), ("textbox", "Program"), ("combobox", "Language"), ("combobox", "Example"),
                       ("button", "Run"), ("button", "Stop"), ("button", "Check only"), ("textbox", "Standard input"),
                       ("textbox", "Arguments one a line"), ("combobox", "What the risk score may be"), ("textbox", "Memory in MiB"),
                       ("button", "Line 1"), ("button", "Line 2"), ("link", "Skip to the program")]:
        assert (role, name) in seen, (role, name, [one for one in seen if one[0] == role])
    controls = ("textbox", "combobox", "button", "link", "checkbox", "image")
    assert not [one for one in seen if one[0] in controls and not one[1]], "nothing is nameless"
    assert page.js("return document.documentElement.lang") == "en"


def axe(page):
    if not os.path.exists(AXE):
        pytest.skip("axe-core is not in %s: ./check fetches it" % TOOLS)
    if not page.js("return typeof window.axe === 'object'"):
        with open(AXE, encoding="utf-8") as f:
            page.js(f.read())
    result = page.command("POST", "execute/async", args=[], script="""const done = arguments[0];
        axe.run(document, { resultTypes: ["violations"] }).then((found) => done({ passes: found.passes.length,
            violations: found.violations.flatMap((one) => one.nodes.map((node) =>
                `${one.id}: ${one.help}: ${node.html.slice(0, 200)} ${node.any.map((a) => a.message)}`)) }),
            (error) => done({ passes: 0, violations: [String(error)] }));""")
    assert result["passes"] > 15, result
    return result["violations"]


def bad_field(page):
    page.js("document.getElementById('limit-processes').value = 'many'")
    run(page)
    page.js("document.getElementById('limit-processes').value = ''")


STATES = {
    "idle": lambda page: None,
    "output": lambda page: run(page, "import sys\nprint(1)\nprint(2, file=sys.stderr)\nraise SystemExit(1)"),
    "refused": lambda page: run(page, RISKY, "strict"),
    "problem": bad_field,
    "success": lambda page: run(page, "print('x' * 200000)"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=lambda size: "%dx%d" % size)
def test_axe_finds_nothing(page, scheme, size):
    """Contrast, names, roles, order: axe-core's rules, in each state of the page with everything unfolded."""
    page.prefer(color_scheme=scheme, reduced_motion="reduce")
    page.resize(*size)
    for name, reach in STATES.items():
        reach(page)
        unfold(page)
        assert axe(page) == [], name


@pytest.mark.parametrize("size", [PHONE, (390, 844), SMALL, LAPTOP, (1280, 500), WIDE], ids=lambda size: "%dx%d" % size)
def test_nothing_is_cut_off(page, size):
    page.prefer(reduced_motion="reduce")  # else things move while they are clicked
    page.resize(*size)
    for name, reach in STATES.items():
        reach(page)
        unfold(page)
        over = page.js("""const most = document.documentElement.clientWidth;
            const scrolls = (node) => node !== document.body
                && (["auto", "scroll", "hidden"].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
            return [...document.querySelectorAll("body *")]
                .filter((node) => node.checkVisibility() && node.getBoundingClientRect().right > most + 1 && !scrolls(node))
                .map((node) => node.id || node.className || node.tagName);""")
        assert over == [] and page.js("return document.documentElement.scrollWidth <= window.innerWidth"), (name, over)


def test_two_columns_where_there_is_room(page):
    def columns():
        return page.js("""const [program, results] = ["program", "results"].map((id) => document.getElementById(id).getBoundingClientRect());
            return results.left >= program.right ? 2 : results.top >= program.bottom ? 1 : 0;""")
    for size, wanted in ((PHONE, 1), (SMALL, 1), (LAPTOP, 2), (WIDE, 2)):
        page.resize(*size)
        assert columns() == wanted, size


def test_a_phone_shows_the_results_when_there_are_some(page):
    page.resize(*PHONE)
    page.prefer(reduced_motion="reduce")
    run(page, "print('seen')")
    assert page.js("""const box = document.getElementById("banner").getBoundingClientRect();
        return box.top >= 0 && box.bottom <= window.innerHeight;""")


def test_light_and_dark(page):
    def ground():
        colour = page.js("return getComputedStyle(document.body).backgroundColor")
        return sum(int(n) for n in re.findall(r"\d+", colour)[:3]) / 3
    page.prefer(color_scheme="light")
    assert ground() > 200
    page.prefer(color_scheme="dark")
    assert ground() < 60


def test_nothing_moves_for_whoever_asks_for_calm(page):
    """While a run goes on: the one thing that moves."""
    write(page, "import time\ntime.sleep(100)")
    page.keys("Control", "Enter")
    page.wait(lambda: page.shows("#banner"), what="the run")
    assert page.js("return document.getAnimations().length") > 0
    page.prefer(reduced_motion="reduce")
    assert page.js("return document.getAnimations().length") == 0
    assert page.js("return getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    page.keys("Escape")
    wait_done(page, 5)


def test_larger_text_keeps_everything_in_reach(page):
    """Text at twice its size (WCAG 1.4.4)."""
    page.js("document.documentElement.style.fontSize = '200%'")
    run(page, RISKY, "strict")
    assert page.js("return document.documentElement.scrollWidth <= window.innerWidth")
    page.click("#finding-list li button")
    assert page.focused() == "code"
