"""A FastCGI peer that can misbehave: speaks to a worker's socket directly, past nginx.

    with Peer(stack.path("run", "workers.sock")) as peer:
        peer.begin("POST", "/v1/execute", content_length=100)
        peer.stdin(b"{")            # and never more
        status, headers, body = peer.answer()
"""

import socket
import struct

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT = 1, 2, 3, 4, 5, 6


def record(kind, content, request=1):
    return struct.pack(">BBHHBB", 1, kind, request, len(content), 0, 0) + content


def pair(name, value):
    parts = [part.encode() if isinstance(part, str) else part for part in (name, value)]
    lengths = [bytes([len(p)]) if len(p) < 128 else struct.pack(">I", len(p) | 1 << 31) for p in parts]
    return b"".join(lengths + parts)


class Peer:
    def __init__(self, path, timeout=30):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def begin(self, method, path, content_length=None, keep=False, content_type="application/json", **params):
        params = {"REQUEST_METHOD": method, "DOCUMENT_URI": path, "REMOTE_ADDR": "192.0.2.1", **params}
        if content_length is not None:
            params.update(CONTENT_LENGTH=str(content_length), CONTENT_TYPE=content_type)
        self.send(record(BEGIN, struct.pack(">HB5x", 1, 1 if keep else 0)))
        self.send(record(PARAMS, b"".join(pair(k, v) for k, v in params.items())) + record(PARAMS, b""))

    def stdin(self, data):
        for at in range(0, len(data), 65000):
            self.send(record(STDIN, data[at:at + 65000]))

    def end_stdin(self):
        self.send(record(STDIN, b""))

    def abort(self):
        self.send(record(ABORT, b""))

    def request(self, method, path, body=None, **params):
        self.begin(method, path, None if body is None else len(body), **params)
        self.stdin(body or b"")
        self.end_stdin()
        return self.answer()

    def bytes(self, n):
        while len(self.rest) < n:
            part = self.socket.recv(65536)
            if not part:
                raise EOFError(self.rest)
            self.rest += part
        data, self.rest = self.rest[:n], self.rest[n:]
        return data

    def answer(self):
        """(status, headers, body); EOFError when the connection ends before the request does."""
        out = b""
        while True:
            _, kind, _, n, padding, _ = struct.unpack(">BBHHBB", self.bytes(8))
            content = self.bytes(n + padding)[:n]
            if kind == STDOUT:
                out += content
            if kind == END:
                break
        head, body = out.split(b"\r\n\r\n", 1)
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        return int(headers.pop("Status").split()[0]), headers, body
