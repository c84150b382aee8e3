"""A headless Chromium of Debian's, driven by chromedriver over the WebDriver protocol (W3C); nothing else is needed.

    with Browser() as browser:
        browser.open("http://127.0.0.1:8080/playground/")
        browser.type("#code", "print(1)")                # clicks, then writes as a keyboard does
        browser.keys("Control", "Enter")                 # a chord to whatever has the focus
        browser.wait(lambda: "Succeeded" in browser.text("#banner"), what="the result")
        browser.js("return document.activeElement.id")   # a function's body; arguments are `arguments`
        browser.cdp("Emulation.setEmulatedMedia", features=[...])
        assert browser.complaints() == []                # errors and warnings of the console, as of CSP

Selectors are CSS and name one element. A failed command is a BrowserError with the driver's words.
"""

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request

from stack import free_port, wait_until

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name of a reference, by the standard
# The standard's code points for keys without a character.
KEYS = {"Control": "\ue009", "Shift": "\ue008", "Meta": "\ue03d", "Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "Home": "\ue011",
        "End": "\ue010", "ArrowDown": "\ue015", "ArrowUp": "\ue013", "ArrowLeft": "\ue012", "ArrowRight": "\ue014",
        "Backspace": "\ue003", "Space": " "}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars=false"]


class BrowserError(Exception):
    pass


def browser_missing():
    """Why there can be no browser here, or None."""
    missing = [path for path in (CHROMIUM, DRIVER) if not os.path.exists(path)]
    return "%s is not installed" % missing[0] if missing else None


class Browser:
    def __init__(self, width=1280, height=900):
        self.size = width, height
        self.process = self.session = self.dir = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        try:
            self.dir = tempfile.mkdtemp(prefix="sandgate-browser-")
            self.port = free_port()
            # A home of its own: Chromium writes to it. A group of its own: whatever it starts is ended with it.
            environment = {"PATH": "/usr/bin:/bin", "HOME": self.dir, "TMPDIR": self.dir, "LANG": "C.UTF-8"}
            self.process = subprocess.Popen([DRIVER, "--port=%d" % self.port], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL, env=environment, start_new_session=True)
            wait_until(self.answers, 30, what="chromedriver")
            self.session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": self.capabilities()}})["sessionId"]
            self.resize(*self.size)
        except BaseException:
            self.stop()
            raise
        return self

    def capabilities(self):
        options = {"binary": CHROMIUM, "args": FLAGS + ["--user-data-dir=" + os.path.join(self.dir, "profile")],
                   "prefs": {"download.default_directory": self.downloads, "download.prompt_for_download": False}}
        return {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}

    @property
    def downloads(self):
        return os.path.join(self.dir, "downloads")

    def download(self, selector, name):
        """Clicks a link and gives the content of the file of that name that is saved by it."""
        path = os.path.join(self.downloads, name)
        self.click(selector)
        wait_until(lambda: os.path.exists(path), what=path)  # it has this name when it is complete
        with open(path, "rb") as f:
            content = f.read()
        os.unlink(path)
        return content

    def answers(self):
        with contextlib.suppress(OSError, BrowserError):
            return self.call("GET", "/status")["ready"]

    def stop(self):
        if self.session:
            with contextlib.suppress(OSError, BrowserError):
                self.call("DELETE", "/session/" + self.session)
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)
        self.process = self.session = self.dir = None

    # -- the protocol

    def call(self, method, path, body=None):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=120) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as e:
            with e:
                value = json.load(e)["value"]
            raise BrowserError("%s: %s" % (value["error"], value["message"])) from None

    def command(self, method, path, **body):
        return self.call(method, "/session/%s/%s" % (self.session, path), body if method == "POST" else None)

    def js(self, body, *arguments):
        return self.command("POST", "execute/sync", script=body, args=list(arguments))

    def cdp(self, name, **parameters):
        """A command of Chromium's own protocol."""
        return self.command("POST", "goog/cdp/execute", cmd=name, params=parameters)

    # -- as a person

    def open(self, url):
        self.command("POST", "url", url=url)

    def resize(self, width, height):
        """The page's own size, in CSS pixels; windows have a least width, phones have less."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, **features):
        """prefer(color_scheme="dark", reduced_motion="reduce"): media features; none: the system's again."""
        named = [{"name": "prefers-" + name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.cdp("Emulation.setEmulatedMedia", features=named)

    def element(self, selector):
        return "element/" + self.command("POST", "element", using="css selector", value=selector)[ELEMENT]

    def click(self, selector):
        self.command("POST", self.element(selector) + "/click")

    def text(self, selector):
        """What is seen of it; "" of what is hidden."""
        return self.command("GET", self.element(selector) + "/text")

    def type(self, selector, text):
        """Into a field, in place of what is there. Enter is pressed where the text has a newline."""
        self.click(selector)
        self.keys("Control", "a")
        self.keys("Backspace")
        self.write(text)

    def write(self, text):
        strokes = [key for character in text for key in self.stroke("\ue007" if character == "\n" else character)]
        self.command("POST", "actions", actions=[{"type": "key", "id": "keyboard", "actions": strokes}])

    def keys(self, *chord):
        codes = [KEYS.get(key, key) for key in chord]
        down = [{"type": "keyDown", "value": code} for code in codes]
        up = [{"type": "keyUp", "value": code} for code in reversed(codes)]
        self.command("POST", "actions", actions=[{"type": "key", "id": "keyboard", "actions": down + up}])

    @staticmethod
    def stroke(code):
        return [{"type": "keyDown", "value": code}, {"type": "keyUp", "value": code}]

    def choose(self, selector, text):
        """The option of a select that reads so, as choosing it would."""
        found = self.js("""const select = document.querySelector(arguments[0]);
            const option = [...select.options].find((one) => one.text.includes(arguments[1]));
            if (!option) return false;
            select.value = option.value;
            select.dispatchEvent(new Event("input", { bubbles: true }));
            select.dispatchEvent(new Event("change", { bubbles: true }));
            return true;""", selector, text)
        assert found, "%s has no option %r" % (selector, text)

    def wait(self, check, timeout=30.0, what="the page"):
        return wait_until(check, timeout, 0.05, what)

    def shows(self, selector):
        return self.js("const node = document.querySelector(arguments[0]); return !!node && node.checkVisibility();", selector)

    def focused(self):
        return self.js("return document.activeElement.id")

    # -- what it tells

    def complaints(self):
        """Warnings and errors of the console since the last call."""
        entries = self.command("POST", "se/log", type="browser")
        return [entry["message"] for entry in entries if entry["level"] in ("WARNING", "SEVERE")]

    def screenshot(self, path):
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.command("GET", "screenshot")))
