"""Fixtures for the playground: a browser for all of them, and a fresh page for each.

    page       the playground of the shared stack; afterwards the console must be clean, but for refusals that the test expects
    page_of    page_of(stack): the same of a stack of the test's own
"""

import pytest

REFUSAL = "the server responded with a status of"  # Chromium reports each; what the page makes of it is tested


@pytest.fixture(scope="session")
def browser():
    import browser as driver
    missing = driver.browser_missing()
    if missing:
        pytest.skip(missing)
    with driver.Browser() as one:
        yield one


@pytest.fixture
def page_of(browser):
    def opened(stack, path="/playground/"):
        browser.resize(1280, 900)
        browser.prefer()
        browser.open("about:blank")
        browser.complaints()
        browser.open("http://127.0.0.1:%d%s" % (stack.port, path))
        browser.wait(lambda: browser.js("return document.documentElement.dataset.ready === 'yes'"), what="the page to load")
        return browser

    yield opened
    complaints = [text for text in browser.complaints() if REFUSAL not in text]
    browser.open("about:blank")  # whatever the page still does ends before the stack is counted
    assert complaints == []


@pytest.fixture
def page(page_of, stack):
    return page_of(stack)
