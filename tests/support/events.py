"""A client of server-sent events that reads when it is told to, and knows when each byte came.

    with Events(stack, 'print("hello")') as events:      # POST /v1/execute, Accept: text/event-stream
        first = events.next()                            # Event: .name .data (JSON) .at (seconds since the request was sent)
        rest = events.all()                              # until the end of the response
    events.status, events.headers                        # after the first event, or events.head()
    output(rest, "stdout")                               # bytes, whatever their encoding
"""

import base64
import json
import socket
import time
from email.parser import Parser


class Event:
    def __init__(self, name, data, at):
        self.name, self.data, self.at = name, data, at

    def __repr__(self):
        return "%s at %.3f: %.200s" % (self.name, self.at, self.data)


def decode(event):
    data = event.data["data"]
    return base64.b64decode(data, validate=True) if event.data["encoding"] == "base64" else data.encode()


def output(events, stream):
    """All that was written to it; no event cuts a character, and none is empty."""
    found = [e for e in events if e.name == stream]
    assert all(set(e.data) == {"data", "encoding"} and e.data["data"] for e in found), found
    return b"".join(decode(e) for e in found)


class Events:
    def __init__(self, stack, code="", accept="text/event-stream", path="/v1/execute", patience=60, receive_buffer=None, headers="",
                 **fields):
        body = json.dumps({"language": "python", "validate": False, "code": code, **fields}).encode()
        self.socket = socket.socket()
        if receive_buffer:  # before the connection is made: it decides how much the kernel takes for us
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(patience)
        self.socket.connect(("127.0.0.1", stack.port))
        self.began = time.monotonic()
        self.socket.sendall(("POST %s HTTP/1.1\r\nHost: localhost\r\nAccept: %s\r\nContent-Type: application/json\r\n%s"
                             "Content-Length: %d\r\n\r\n" % (path, accept, headers, len(body))).encode() + body)
        self.raw = b""    # of the response, not taken apart yet
        self.text = b""   # of the body, the event that is not complete
        self.waiting = []
        self.status = self.headers = None
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Leaves, whatever is still to come."""
        self.socket.close()

    def elapsed(self):
        return time.monotonic() - self.began

    def receive(self, most=65536):
        """Bytes as they come; False at the end of the connection."""
        data = self.socket.recv(most)
        self.raw += data
        return bool(data)

    def head(self):
        while b"\r\n\r\n" not in self.raw:
            assert self.receive(), "the connection ended: %r" % self.raw
        head, _, self.raw = self.raw.partition(b"\r\n\r\n")
        line, _, lines = head.decode().partition("\r\n")
        self.status = int(line.split()[1])
        self.headers = Parser().parsestr(lines)
        return self

    def body(self):
        """All of a body that is no stream."""
        if self.status is None:
            self.head()
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while not self.ended:
                parts.append(self.chunk())
            return b"".join(parts)
        size = int(self.headers["Content-Length"])
        while len(self.raw) < size:
            assert self.receive()
        return self.raw[:size]

    def chunk(self):
        while b"\r\n" not in self.raw:
            assert self.receive(), "the connection ended inside of the body"
        size, _, rest = self.raw.partition(b"\r\n")
        n = int(size, 16)
        while len(rest) < n + 2:
            assert self.receive(), "the connection ended inside of a chunk"
            rest = self.raw.partition(b"\r\n")[2]
        assert rest[n:n + 2] == b"\r\n"
        self.raw = rest[n + 2:]
        self.ended = n == 0
        return rest[:n]

    def take(self):
        self.text += self.chunk()
        while b"\n\n" in self.text:
            event, _, self.text = self.text.partition(b"\n\n")
            name, data = event.decode().split("\n")
            assert name.startswith("event: ") and data.startswith("data: "), event
            self.waiting.append(Event(name[7:], json.loads(data[6:]), self.elapsed()))

    def next(self, *names):
        """The next event, or the next one of these names; None at the end."""
        if self.status is None:
            self.head()
            assert self.status == 200, (self.status, self.body())
            assert self.headers["Content-Type"] == "text/event-stream", self.headers
        while True:
            while not self.waiting and not self.ended:
                self.take()
            if not self.waiting:
                assert not self.text
                return None
            event = self.waiting.pop(0)
            if not names or event.name in names:
                return event

    def all(self):
        events = []
        while (event := self.next()) is not None:
            events.append(event)
        return events
