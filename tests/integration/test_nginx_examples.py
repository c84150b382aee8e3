"""nginx-conf/examples as shipped, all of them in one nginx; directories, addresses and ports are replaced, no more."""

import base64
import concurrent.futures
import http.client
import http.server
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading

import pytest

from client import Answer
from sites import Certificates, Site
from stack import ROOT, Stack, free_port, wait_until

SLEEP = "import time\nprint(1, flush=True)\ntime.sleep(60)"
KEYS = {"0123456789abcdef0123456789abcdef": "alice", "ffffffffffffffffffffffffffffffff": "bob"}
LEAK = """location = /leak {
    include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_read_timeout 180s;
    fastcgi_pass unix:/run/sandgate/leak.sock;
}"""

# Tests come from where they say.
ADDRESS = "set_real_ip_from 127.0.0.1; real_ip_header X-Test-Address;"


class Login(http.server.BaseHTTPRequestHandler):
    """The operator's login service: who has the cookie is alice, mallory is known and not let in."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        cookie = self.headers.get("Cookie", "")
        self.send_response({"who=alice": 204, "who=mallory": 403}.get(cookie, 401))
        if cookie == "who=alice":
            self.send_header("X-User", "alice")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def login():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Login)
    server.daemon_threads, server.seen = True, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def write_secrets(stack):
    """What the examples say that the operator makes."""
    os.makedirs(stack.path("conf", "nginx"))
    crypted = subprocess.run(["openssl", "passwd", "-6", "secret"], capture_output=True, text=True, check=True).stdout
    with open(stack.path("conf", "nginx", "users"), "w") as f:
        f.write("alice:" + crypted)
    with open(stack.path("conf", "nginx", "api-keys.map"), "w") as f:
        f.writelines("%s %s;\n" % pair for pair in KEYS.items())
    os.chmod(stack.path("conf", "nginx", "api-keys.map"), 0o600)


class Examples:
    def __init__(self, login, certificates):
        self.port, self.plain, self.monitoring, self.inner = free_port(), free_port(), free_port(), free_port()
        self.certificates = certificates
        self.stack = Stack(executor="root" if ROOT else "rootless", start="cold", languages=("python", "lua"), slots=6, queue=4,
                           before=write_secrets, server=LEAK, http=ADDRESS, examples={
                               "/etc/ssl/sandgate": certificates.directory,
                               "listen 443 ssl": "listen 127.0.0.1:%d ssl" % self.port, "listen 80;": "listen 127.0.0.1:%d;" % self.plain,
                               "127.0.0.1:9180": "127.0.0.1:%d" % self.monitoring, "127.0.0.1:9185": "127.0.0.1:%d" % self.inner,
                               "127.0.0.1:9190": "127.0.0.1:%d" % login.server_address[1]})

    def site(self, name, **options):
        return Site(name + ".sandgate.example", self.port, self.certificates, **options)

    def client_of(self, answer):
        """Whom the worker's log names for this answer."""
        request = answer.headers["X-Request-Id"]
        found = wait_until(lambda: re.search(r"request=%s .*?client=(\S*)" % request, self.stack.log("workers")), what="the log's line")
        return found.group(1)


@pytest.fixture(scope="module")
def examples(login):
    directory = tempfile.mkdtemp(prefix="sandgate-tls-")
    one = Examples(login, Certificates(directory))
    with one.stack:
        yield one
    shutil.rmtree(directory)


def test_tls(examples):
    site = examples.site("tls")
    answer = site.run("print('over TLS')")
    assert answer.status == 200 and answer.json["stdout"] == "over TLS\n", answer
    assert answer.headers["Strict-Transport-Security"] == "max-age=15768000"
    answer = site.get("/nothing")
    assert answer.refusal(404, "not_found")["instance"] == "/nothing"
    assert answer.headers["Strict-Transport-Security"] == "max-age=15768000"
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        site.context.minimum_version = site.context.maximum_version = version
        with site.tls() as s:
            assert s.version() == version.name.replace("_", ".") and s.cipher()[2] >= 128


@pytest.mark.parametrize("version, ciphers", [("TLSv1_1", "ALL"), ("TLSv1_2", "AES256-GCM-SHA384"),
                                              ("TLSv1_2", "ECDHE-ECDSA-AES128-SHA")])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls_is_refused(examples, version, ciphers):
    """By the server, with an alert: not for what this client would not do."""
    site = examples.site("tls")
    site.context.minimum_version = site.context.maximum_version = ssl.TLSVersion[version]
    site.context.set_ciphers(ciphers + ":@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match="ALERT"):
        site.tls()


def plain(port, data):
    """The answer to bytes that are sent as they are, without TLS."""
    with socket.create_connection(("127.0.0.1", port), 30) as s:
        s.sendall(data)
        response = http.client.HTTPResponse(s)
        response.begin()
        return Answer(response.status, response.headers, response.read())


def test_without_tls(examples):
    answer = plain(examples.plain, b"POST /v1/execute?x HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    assert (answer.status, answer.headers["Location"]) == (308, "https://tls.sandgate.example/v1/execute?x")
    answer = plain(examples.port, b"GET /health HTTP/1.1\r\nHost: tls.sandgate.example\r\nConnection: close\r\n\r\n")
    assert answer.refusal(400, "bad_request")["instance"] == "/health"


def test_too_many_at_once(examples):
    site = examples.site("rates")
    running = []
    try:
        for _ in range(4):
            running.append(site.begin(SLEEP))
            wait_until(lambda: examples.stack.get("/ready").json["running"] >= len(running), what="a run's start")
        answer = site.run()
        assert answer.refusal(429, "too_many_requests")["retryable"] and "Retry-After" in answer.headers
    finally:
        for s in running:
            s.close()
    wait_until(lambda: examples.stack.get("/ready").json["running"] == 0, what="the end of all")
    assert wait_until(lambda: site.run().status == 200, every=0.5, what="a run after that")


def test_too_many_requests(examples):
    site = examples.site("rates")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: site.post(b"{}"), range(60)))
    assert {a.status for a in answers} == {422, 429}
    refused = [a for a in answers if a.status == 429]
    doc = refused[0].refusal(429, "too_many_requests")
    assert doc["retryable"] and refused[0].headers.get_all("Retry-After") == ["1"]
    assert site.get("/health").status == 200


def test_addresses_of_one_network(examples):
    """Who has one address of IPv6 has 2^64 of them: they are one client. Neighbours are others."""
    def statuses(name, addresses, body, headers=()):
        site = examples.site(name)
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            return [a.status for a in pool.map(lambda address: site.post(body, headers={"X-Test-Address": address, **dict(headers)}), addresses)]
    for network in ("2001:db8:1:1:%x::1", "2001:db8:1:a0a:a:%x:0:a"):
        assert set(statuses("rates", [network % n for n in range(40)], b"{}")) == {422, 429}
    for network in ("2001:db8:2:%d::1", "192.0.2.%d", "::ffff:192.0.2.%d"):  # the last: IPv4, where a socket of IPv6 takes both
        assert set(statuses("rates", [network % n for n in range(1, 41)], b"{}")) == {422}
    streams = []
    try:
        for n in range(2):
            streams.append(examples.site("events").begin(SLEEP, accept="text/event-stream\r\nX-Test-Address: 2001:db8:3::%x" % n))
            wait_until(lambda: examples.stack.get("/ready").json["running"] >= len(streams), what="a run's start")
        stream = {"Accept": "text/event-stream"}.items()
        program = {"language": "python", "code": "1"}
        assert statuses("events", ["2001:db8:3::3", "2001:db8:4::3"], program, stream) == [429, 200]
    finally:
        for s in streams:
            s.close()
    wait_until(lambda: examples.stack.get("/ready").json["running"] == 0, what="the end of both")


def basic(text):
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize("path", ["/health", "/v1/limits", "/playground/"])
@pytest.mark.parametrize("headers", [{}, basic("alice:wrong"), basic("bob:secret"), {"Authorization": "Basic !"}], ids=str)
def test_basic_authentication_refuses(examples, path, headers):
    answer = examples.site("basic", headers=headers).get(path)
    doc = answer.refusal(401, "unauthorized")
    assert answer.headers.get_all("WWW-Authenticate") == ['Basic realm="sandgate"'] and doc["instance"] == path


def test_basic_authentication(examples):
    site = examples.site("basic", headers=basic("alice:secret"))
    answer = site.run()
    assert answer.status == 200 and examples.client_of(answer) == "alice"
    assert b"<html" in site.get("/playground/").body
    assert examples.site("basic").post(b"{}").refusal(401, "unauthorized")["hint"]


def test_beside_other_pages(examples):
    site = examples.site("beside", headers={"X-Real-IP": "192.0.2.66"})
    page = site.get("/other")
    assert (page.status, page.body) == (200, b"a page of the site\n") and "X-Content-Type-Options" not in page.headers
    assert site.post(b"x" * (2 << 20), "/other").body.startswith(b"<html>"), "its bounds and error pages are its own"
    answer = site.run("print('beside')", "/sandgate/v1/execute")
    assert answer.status == 200 and answer.json["stdout"] == "beside\n" and examples.client_of(answer) == "127.0.0.1"
    assert b"<html" in site.get("/sandgate/playground/").body
    sent = site.get("/sandgate/playground")
    assert sent.status == 301 and re.fullmatch(r"(https://[^/]+)?/sandgate/playground/", sent.headers["Location"]), sent
    assert site.get("/sandgate/nothing").refusal(404, "not_found")["instance"] == "/nothing"
    site.post(b"x" * (9 << 19), "/sandgate/v1/execute").refusal(413, "body_too_large")
    with site.begin(SLEEP, "text/event-stream", "/sandgate/v1/execute") as s:
        wait_until(lambda: examples.stack.get("/ready").json["running"] == 1, what="the run's start")
        received = b""
        while b"event: start" not in received:
            received += s.recv(4096)
    wait_until(lambda: examples.stack.get("/ready").json["running"] == 0, what="the end of the run that was left")


def test_login_service(examples, login):
    site = examples.site("login", headers={"Cookie": "who=alice"})
    answer = site.run()
    assert answer.status == 200 and examples.client_of(answer) == "alice"
    path, headers = login.seen[-1]
    assert (path, headers["X-Original-URI"], headers["X-Original-Method"]) == ("/check", "/v1/execute", "POST")
    assert "Content-Length" not in headers
    examples.site("login").run().refusal(401, "unauthorized")
    examples.site("login", headers={"Cookie": "who=mallory"}).run().refusal(403, "forbidden")
    site.get("/.sandgate/login").refusal(404, "not_found")


def test_login_service_is_down(examples):
    """Nobody gets in."""
    path = examples.stack.path("conf", "nginx", "examples", "auth-request.conf")
    with open(path) as f:
        text = f.read()
    broken = re.sub(r"server 127\.0\.0\.1:\d+;", "server 127.0.0.1:%d;" % free_port(), text)
    assert broken != text
    try:
        with open(path, "w") as f:
            f.write(broken)
        examples.stack.reload_nginx()
        examples.site("login", headers={"Cookie": "who=alice"}).run().refusal(500, "internal")
    finally:
        with open(path, "w") as f:
            f.write(text)
        examples.stack.reload_nginx()


def test_client_certificates(examples):
    answer = examples.site("certificates", client="alice").run()
    assert answer.status == 200 and examples.client_of(answer) == "CN_alice"  # as the log writes CN=alice
    for client in (None, "stranger", "revoked"):
        doc = examples.site("certificates", client=client).get("/health").refusal(403, "forbidden")
        assert not doc["retryable"], client
    # A connection that was made to another name, where no certificate is asked for.
    examples.site("tls", host="certificates.sandgate.example").get("/health").refusal(421, "error")


def test_api_keys(examples):
    for key, name in KEYS.items():
        answer = examples.site("keys", headers={"Authorization": "Bearer " + key}).run()
        assert answer.status == 200 and examples.client_of(answer) == name, answer
    assert examples.site("keys").get("/health").status == 200
    assert not ROOT or os.stat(examples.stack.path("conf", "nginx", "api-keys.map")).st_mode & 0o077 == 0


@pytest.mark.parametrize("value", [None, "", "Bearer ", "Bearer " + "0" * 32, "Basic 0123456789abcdef0123456789abcdef",
                                   "Bearer 0123456789abcdef0123456789abcde", "Bearer 0123456789abcdef0123456789abcdef0", "Bearer default"])
def test_wrong_api_keys(examples, value):
    site = examples.site("keys", headers={} if value is None else {"Authorization": value})
    for answer in (site.run(), site.get("/v1/limits"), site.get("/openapi.json")):
        answer.refusal(401, "unauthorized")
        assert answer.headers.get_all("WWW-Authenticate") == ['Bearer realm="sandgate"']


def test_workers_get_no_credentials(examples):
    """What nginx sends to a worker, byte by byte."""
    path = examples.stack.path("run", "leak.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        os.chmod(path, 0o666)
        listener.listen()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            headers = {"Authorization": "Bearer s3cret", "Cookie": "a=s3cret", "Proxy": "s3cret", "X-Other": "harmless"}
            asked = pool.submit(examples.stack.get, "/leak", headers=headers)
            connection, _ = listener.accept()
            with connection:
                sent = connection.recv(65536)
            asked.result()
    assert b"/leak" in sent and b"HTTP_X_OTHER" in sent and b"harmless" in sent and b"s3cret" not in sent


def test_the_doctor_has_nothing_to_say(examples):
    """Of sizes, time-outs, buffers and parameters of all examples; and of who may run programs what is so: some say it, some have
    another subject. They are looked at as they are shipped: of an address of this machine alone it asks no guard."""
    stack = examples.stack
    shown = subprocess.run(["/usr/sbin/nginx", "-T", "-p", stack.dir, "-c", stack.path("conf", "nginx", "nginx.conf"),
                            "-e", stack.path("log", "doctor.log")], capture_output=True, text=True, check=True)
    text = shown.stdout.replace("listen 127.0.0.1:%d ssl" % examples.port, "listen 443 ssl")
    assert text.count("listen 443 ssl") >= 12
    told = subprocess.run([stack.path("bin", "sandgate"), "doctor", "-c", stack.path("conf", "sandgate.conf"), "--nginx", "-", "--json"],
                          input=text, capture_output=True, text=True)
    checks = [c for c in json.loads(told.stdout)["checks"] if c["check"].startswith("nginx.") and c["check"] != "nginx.sockets"]
    guards = [c for c in checks if c["check"] == "nginx.guard"]
    rest = [c for c in checks if c not in guards]
    assert len(rest) >= 6 and {c["status"] for c in rest} == {"ok"}, rest
    assert {c["status"] for c in guards} == {"warning"}
    told_of = {re.search(r" of (\w+)\.sandgate\.example: everybody", c["text"])[1] for c in guards}
    assert not told_of & {"keys", "rates", "events", "basic", "login", "certificates", "playground"}, guards
    assert told_of >= {"tls", "cors", "status", "nodes"}, guards
    assert [c["text"].split(" of ")[0] for c in guards if " of nodes." in c["text"]] == ["location /v1/"]


CORS = ["Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age"]


def test_preflight(examples):
    site = examples.site("cors")
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    answer = site.request("OPTIONS", "/v1/execute", headers={"Origin": "https://app.example", **asks})
    assert answer.status == 204 and [answer.headers.get_all(name) for name in CORS] == [
        ["https://app.example"], ["GET, POST"], ["Authorization, Content-Type"], ["7200"]]
    for origin in ("https://evil.example", "https://app.example.evil.example", "null", "*"):
        answer = site.request("OPTIONS", "/v1/execute", headers={"Origin": origin, **asks})
        assert answer.status == 204 and not any(name in answer.headers for name in CORS), origin
    assert site.request("OPTIONS", "/v1/execute", headers={"Origin": "https://app.example"}).status == 405


def test_requests_of_other_origins(examples):
    """Answers of workers and nginx's own errors alike can be read by the pages that are named, and by no others."""
    site = examples.site("cors")
    for origin, allowed in (("https://app.example", ["https://app.example"]), ("https://evil.example", None), (None, None)):
        headers = {"Origin": origin} if origin else {}
        answers = [site.post({"language": "python", "code": "print(1)"}, headers=headers), site.post(b"{", headers=headers),
                   site.request("GET", "/nothing", headers=headers), site.post(b" " * (5 << 20), headers=headers)]
        assert [a.status for a in answers] == [200, 400, 404, 413]
        for answer in answers:
            assert answer.headers.get_all("Access-Control-Allow-Origin") == allowed
            assert "Access-Control-Allow-Credentials" not in answer.headers and CORS[1] not in answer.headers
        assert answers[0].headers.get_all("Vary") == ["Origin"] and "Retry-After" in answers[0].headers["Access-Control-Expose-Headers"]


def test_policies(examples):
    site = examples.site("policies")
    limits = {door: site.get("/%s/v1/limits" % door).json for door in ("public", "courses", "internal")}
    maxima = [limits[door]["limits"]["wall_time_ms"]["maximum"] for door in limits]
    assert maxima == [5000, 20000, 120000] and limits["public"]["limits"]["processes"]["maximum"] == 16
    assert [limits[door]["validation"]["policies"] for door in limits] == [["strict"], ["balanced", "strict"], ["strict", "balanced", "report"]]
    assert site.run(path="/public/v1/execute").problem()["code"] == "validation_required"
    assert site.post({"language": "lua", "code": "x"}, path="/public/v1/execute").problem()["errors"][0]["pointer"] == "/language"
    for door, status in (("public", "rejected"), ("courses", "success")):
        answer = site.post({"language": "python", "code": "import os\nprint(os.sep)"}, path="/%s/v1/execute" % door)
        assert answer.json["status"] == status, answer
    assert site.run(path="/internal/v1/execute").json["success"]
    # The score is advice at the door of courses: it can be left out, and languages without rules run by nothing else.
    bare = {"language": "lua", "code": "print(1)"}
    assert site.post(bare, path="/courses/v1/execute").problem()["code"] == "validation_unavailable"
    assert site.post({**bare, "validate": False}, path="/courses/v1/execute").json["success"]
    refused = "import subprocess\nprint(subprocess)"
    assert site.post({"language": "python", "code": refused}, path="/courses/v1/execute").json["status"] == "rejected"
    assert site.run(refused, path="/courses/v1/execute").json["success"]
    assert site.get("/public/openapi.json").json["openapi"].startswith("3.1")
    for path in ("/v1/execute", "/public/metrics", "/courses/health", "/internal/"):
        site.get(path).refusal(404, "not_found")


def test_status_is_not_public(examples):
    site = examples.site("status")
    assert site.run().status == 200 and site.get("/v1/runtimes").status == 200
    for path in ("/health", "/ready", "/version", "/metrics"):
        site.get(path).refusal(404, "not_found")
        answer = plain(examples.monitoring, b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path.encode())
        assert answer.status == 200, path
    answer = plain(examples.monitoring, b"GET /v1/limits HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer.refusal(404, "not_found")


def test_events(examples):
    """Streams come as they are written, two at once, whatever Accept calls them; answers in one piece are not counted."""
    site = examples.site("events")
    streams = []
    try:
        for accept in ("TEXT/Event-Stream", "text/*"):
            streams.append(site.begin(SLEEP, accept=accept))
            seen = b""
            while b"event: stdout" not in seen:
                seen += streams[-1].recv(4096)
            assert b"Content-Type: text/event-stream" in seen and b"Content-Encoding" not in seen
        for accept in ("text/event-stream", "text/*", "TEXT/*;q=0.5, application/json;q=0.1", "application/json, Text/Event-Stream"):
            answer = site.post({"language": "python", "code": "1"}, headers={"Accept": accept, "Accept-Encoding": "gzip"})
            answer.refusal(429, "too_many_requests")
        assert site.run().status == 200
    finally:
        for s in streams:
            s.close()
    wait_until(lambda: examples.stack.get("/ready").json["running"] == 0, what="the end of both")


@pytest.mark.parametrize("accept", ["*/*", "application/json, text/plain, */*", "*/*, application/json;q=0.5", "*/*;q=2, application/json",
                                    "application/*;q=0, */*", "application/json\r\nAccept: text/event-stream"])
def test_what_is_not_counted_is_no_stream(examples, accept):
    """Some of these the worker would stream."""
    with examples.site("events").begin("print(1)", accept=accept) as s:
        response = http.client.HTTPResponse(s)
        response.begin()
        assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
        assert json.loads(response.read())["stdout"] == "1\n"


def test_what_events_conf_passes_on(examples):
    """Nothing is answered in a type that the client leaves out."""
    assert examples.site("events").post({}, headers={"Accept": "text/html"}).problem()["code"] == "not_acceptable"


def test_playground(examples):
    site = examples.site("playground")
    answer = site.get("/")
    assert (answer.status, answer.headers["Location"]) == (302, "/playground/")
    page = site.get("/playground/")
    assert page.status == 200 and b"<html" in page.body and "Content-Security-Policy" in page.headers
    assert site.get("/v1/runtimes").status == 200
