"""What the playground's tests do over and over: they write a program, run it and look."""

import json


def write(page, code, policy="no check"):
    """The program as it is, at once: typing is tested where it is the point."""
    page.js("""const field = document.getElementById("code");
        field.value = arguments[0];
        field.dispatchEvent(new Event("input", { bubbles: true }));""", code)
    if policy:
        page.choose("#policy", policy)


def busy(page):
    return page.js("return document.getElementById('results').getAttribute('aria-busy') === 'true'")


def wait_done(page, timeout=60):
    page.wait(lambda: not busy(page), timeout, "the end of the run")


def run(page, code=None, policy="no check"):
    """Runs a program and waits for its end; gives the headline: of the result, or of the problem."""
    if code is not None:
        write(page, code, policy)
    page.click("#run")
    wait_done(page)
    return page.text("#banner h3") if page.shows("#banner") else page.text("#problem h3")


def output(page, name="stdout"):
    """All that is in the page of a stream."""
    return page.js("return document.querySelector(arguments[0]).textContent", "#%s > pre" % name)


def unfold(page, within="body"):
    page.js("for (const one of document.querySelectorAll(arguments[0] + ' details')) one.open = true", within)


def selected(page):
    """What is selected in the editor, if that has the focus."""
    return page.js("""const field = document.activeElement;
        return field.id === "code" ? field.value.slice(field.selectionStart, field.selectionEnd) : null;""")


def without_events(page):
    """The next run is refused its events, as by a service that has none, and asks for the plain document."""
    answer_with(page, problem("Not acceptable", status=406, code="not_acceptable"))


def problem(title, **members):
    """An answer for answer_with(): a problem of the service."""
    headers = {"Content-Type": "application/problem+json"}
    if "retry_after" in members:
        headers["Retry-After"] = str(members.pop("retry_after"))
    document = {"title": title, "detail": "", "status": 422, "code": "x", "errors": [], "retryable": False, "hint": None, **members}
    return {"status": document["status"], "headers": headers, "pieces": [json.dumps(document)]}


def spoken(page):
    """What a screen reader is told, beside what it reads by itself."""
    return page.js("return document.querySelector('[role=status]').textContent")


def answer_with(page, *answers):
    """In place of the service: /v1/execute gives these in turn. An answer is {status, headers, pieces: [text, or a pause in ms]}."""
    page.js("""const answers = arguments[0];
        const real = window.fetch;
        window.fetch = (url, options) => {
            if (!String(url).endsWith("/v1/execute") || answers.length === 0) {
                return real(url, options);
            }
            const { status = 200, headers, pieces } = answers.shift();
            const encoder = new TextEncoder();
            const body = new ReadableStream({
                async pull(controller) {
                    const piece = pieces.shift();
                    if (piece === undefined) {
                        controller.close();
                    } else if (typeof piece === "number") {
                        await new Promise((resolve) => setTimeout(resolve, piece));
                        controller.enqueue(new Uint8Array());
                    } else {
                        controller.enqueue(encoder.encode(piece));
                    }
                },
            });
            return Promise.resolve(new Response(body, { status, headers }));
        };""", list(answers))
