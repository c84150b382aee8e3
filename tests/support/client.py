"""A client of the service: what it sends to nginx, and the answers.

    Client of a port: get, post, run (a document), begin (a run that is not waited for), raw and connect (that misbehave)
    Answer: .status .headers .json .body .problem()
"""

import contextlib
import http.client
import json
import re
import socket


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def problem(self):
        """The problem document, after checking its form (RFC 9457 and our members)."""
        assert self.headers.get("Content-Type") == "application/problem+json", (self.status, self.body)
        doc = self.json
        for member in ("type", "title", "status", "detail", "instance", "code", "errors", "retryable", "hint", "request_id"):
            assert member in doc, (member, doc)
        assert doc["status"] == self.status, doc
        assert doc.get("retry_after_s") == (int(self.headers["Retry-After"]) if "Retry-After" in self.headers else None), (doc, self.headers)
        return doc

    def refusal(self, status, code):
        """The problem document of one of nginx's own errors: status, code and headers are checked."""
        doc = self.problem()
        assert (self.status, doc["code"], doc["type"]) == (status, code, "urn:sandgate:problem:" + code), self
        assert re.fullmatch(r"[0-9a-f]{32}", doc["request_id"])
        for name, value in (("X-Request-Id", doc["request_id"]), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")):
            assert self.headers.get_all(name) == [value], self
        return doc

    def __repr__(self):
        return "Answer(%d, %s, %r)" % (self.status, dict(self.headers), self.body[:2000])


class Client:
    port = None  # on the loopback address

    def request(self, method, path, body=None, headers=None, timeout=180):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path, **kw):
        return self.request("GET", path, **kw)

    def post(self, body, path="/v1/execute", headers=None, timeout=180):
        """body: a dict (sent as JSON), or str or bytes as they are."""
        if isinstance(body, dict):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode("utf-8", "surrogatepass")
        return self.request("POST", path, body, {"Content-Type": "application/json", **(headers or {})}, timeout)

    def run(self, code=None, *, status=200, http_timeout=180, **fields):
        """Runs Python code unvalidated; asserts the status; gives the JSON document."""
        body = {"language": "python", "validate": False, **fields}
        if code is not None:
            body["code"] = code
        answer = self.post(body, timeout=http_timeout)
        assert answer.status == status, answer
        return answer.json

    def raw(self, data, timeout=30, half_close=False):
        """Sends bytes as they are over a connection of their own; everything that comes back until its end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as s:
            s.sendall(data)
            if half_close:
                s.shutdown(socket.SHUT_WR)
            parts = []
            with contextlib.suppress(ConnectionResetError, socket.timeout):
                while True:
                    part = s.recv(65536)
                    if not part:
                        break
                    parts.append(part)
            return b"".join(parts)

    def connect(self, timeout=30):
        """A raw connection to nginx, for clients that misbehave."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def begin(self, code, **fields):
        """Sends a run and does not wait: the open connection. Closing it cancels the run."""
        body = json.dumps({"language": "python", "validate": False, "code": code, **fields}).encode()
        s = self.connect()
        s.sendall(b"POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        return s
