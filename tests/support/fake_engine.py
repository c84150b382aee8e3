"""A small Docker Engine that does what a real one will not do on demand: a real HTTP server on a unix socket, which runs
nothing. It knows the calls that sandgate-docker makes, keeps a list of its containers, and answers an order with a run that
prints what it was told to.

    engine = FakeEngine(path).start()
    engine.faults["create"] = "500"       # a step, and what goes wrong in it: see FAULTS, STREAM_FAULTS
    engine.faults.clear()
    engine.stop()
"""

import contextlib
import json
import os
import re
import socket
import struct
import threading
import time

IMAGE = "sha256:" + "ab" * 32
DERIVED = "sha256:" + "cd" * 32
MAGIC = 0x544F4F42
READY, EVENT, OUT, ERR, FILES_AT, FILES, FILES_END, PRODUCT, ENDED, END = range(1, 11)
STARTED, WAITING = 4, 5  # enum sg_box_event_kind
ORDER_BYTES = 3792  # struct sg_boot_order
UNKNOWN = 2**64 - 1
STEPS = ["version", "info", "list", "image", "derived", "create", "attach", "start", "inspect"]
FAULTS = ["500", "malformed", "empty", "wrong", "deep", "reset", "half", "endless", "mute"]
CREATE_FAULTS = ["lost", "lost, malformed", "late"]  # it creates the container, and the answer is lost
STREAM_FAULTS = ["close", "garbage", "stream", "magic", "huge", "kind", "twice", "early", "half frame", "stderr", "product"]
OUT_OF_TURN = ["step", "waiting", "started again", "files before the end"]
SCENES = ["slow end", "no end", "end in time", "no word after the end", "files for ever", "output for ever"]  # see scene()
SCENE_PROCESSES = 17  # limits.processes of the runs that get one


def frame(stream, data):
    return struct.pack(">BBBBI", stream, 0, 0, 0, len(data)) + data


def boot(kind, data):
    return struct.pack("<III", MAGIC, kind, len(data)) + data


def ready():
    return boot(READY, struct.pack("<IIIII", 1, 0, 1000, 1000, 1000))


def started(kind=STARTED, step=0):
    isolation = struct.pack("<IIIi5QII32s", 0x7FFFF, 0, 3, 7, 0, 0, 0, 0, 0, 1000, 0, b"")
    event = struct.pack("<IIiiiII4xqQQ", kind, step, 0, 0, 0, 0, 0, 1, 0, 0) + isolation + bytes(160)
    assert len(event) == 312
    return boot(EVENT, event)


def end(status=0, kind=END, ended=1, drained=1):
    figures = (5000, 1000, 1000, 2000, 1 << 20, 0, 0, 3, 0, 0, 0, 0) if drained else (5000,) + (UNKNOWN,) * 11
    return boot(kind, struct.pack("<iIIIII12Q", status, ended, 0, 0, 0, drained, *figures))


class FakeEngine:
    socket = None

    def __init__(self, path):
        self.socket, self.faults, self.containers_made, self.lock = path, {}, {}, threading.Lock()
        self.calls, self.api, self.split = [], "1.41", False
        self.updates, self.image = [], IMAGE
        self.threads, self.connections, self.listener, self.serial = [], set(), None, 0

    def start(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.socket)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.socket)
        os.chmod(self.socket, 0o666)
        self.listener.listen(128)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()
        return self

    def stop(self):
        """As an Engine that is killed: everything is closed."""
        listener, self.listener = self.listener, None
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in list(self.connections):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections.add(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError, ValueError):
            data = b""
            while True:
                while b"\r\n\r\n" not in data:
                    part = connection.recv(65536)
                    if not part:
                        return
                    data += part
                head, data = data.split(b"\r\n\r\n", 1)
                length = re.search(rb"(?i)content-length: (\d+)", head)
                while length and len(data) < int(length.group(1)):
                    data += connection.recv(65536)
                body, data = (data[: int(length.group(1))], data[int(length.group(1)):]) if length else (b"", data)
                method, path = head.split(b" ")[:2]
                if not self.answer(connection, method.decode(), path.decode(), body):
                    return
        self.connections.discard(connection)

    # -- calls

    def step_of(self, method, path):
        path = re.sub(r"^/v1\.\d+", "", path)
        for step, pattern in (("version", "GET /version"), ("info", "GET /info"), ("list", "GET /containers/json"),
                              ("derived", "GET /images/sandgate-run:.*/json"), ("image", "GET /images/.*/json"),
                              ("create", "POST /containers/create"), ("attach", "POST /containers/.*/attach"),
                              ("start", "POST /containers/.*/start"), ("update", "POST /containers/.*/update"), ("inspect", "GET /containers/.*/json"),
                              ("remove", "DELETE /containers/.*"), ("archive", "PUT /containers/.*/archive"), ("commit", "POST /commit"),
                              ("pull", "POST /images/create")):
            if re.fullmatch(pattern, method + " " + path):
                return step, path
        return "other", path

    def answer(self, connection, method, path, body):
        path, _, query = path.partition("?")
        step, path = self.step_of(method, path)
        fault = self.faults.get(step)
        self.calls.append(step)
        if fault in FAULTS:
            return self.misbehave(connection, fault)
        if fault in CREATE_FAULTS:
            return self.lose(connection, fault, query, body)
        if step == "attach":
            made = self.containers_made.get(path.split("/")[2])
            if fault in SCENES and (not made or made["HostConfig"]["PidsLimit"] != SCENE_PROCESSES + 2):
                fault = None  # a trial run, which comes when it likes
            self.attached(connection, fault)
            return False
        status, document = getattr(self, "on_" + step)(path, query, body)
        text = json.dumps(document).encode() if document is not None else b""
        reply = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(text), text)
        if fault == "drip":
            size = max(256, len(reply) // 20)
            for at in range(0, len(reply), size):
                connection.sendall(reply[at:at + size])
                time.sleep(0.0005)
        else:
            time.sleep(0.25 if fault == "slow" else 0)
            connection.sendall(reply)
        return True

    def lose(self, connection, fault, query, body):
        """Creates the container, but its answer gets lost."""
        if fault == "late":
            self.misbehave(connection, "reset")
            connection.close()
            time.sleep(2.5)
        self.on_create("", query, body)
        return self.misbehave(connection, "malformed" if fault == "lost, malformed" else "reset")

    def misbehave(self, connection, fault):
        def whole(status, text):
            connection.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(text), text))
            return True

        if fault == "500":
            return whole(500, b'{"message":"no space left on device"}')
        if fault == "malformed":
            return whole(200, b'{"Id": "abc')
        if fault == "empty":
            return whole(200, b"")
        if fault == "wrong":
            return whole(200, b'{"Id": 7, "Version": [], "MemoryLimit": "yes", "State": 1}')
        if fault == "deep":
            return whole(200, b"[" * 100000)
        if fault == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif fault == "half":
            connection.sendall(b'HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\n{"Id": "a')
        elif fault == "endless":
            connection.sendall(b"HTTP/1.1 200 X\r\n\r\n")
            with contextlib.suppress(OSError):
                while self.listener:
                    connection.sendall(b" " * 65536)
        elif fault == "mute":
            time.sleep(3)
        return False

    def on_version(self, path, query, body):
        return 200, {"Version": "fake", "ApiVersion": self.api, "MinAPIVersion": "1.12", "Arch": "amd64"}

    def on_info(self, path, query, body):
        return 200, {"MemoryLimit": True, "SwapLimit": True, "CpuCfsQuota": True, "PidsLimit": True}

    def on_list(self, path, query, body):
        return 200, [{"Id": one, "Names": made["Names"]} for one, made in list(self.containers_made.items())]

    def on_image(self, path, query, body):
        if self.faults.get("image") == "absent":
            return 404, {"message": "No such image"}
        return 200, {"Id": self.image, "Architecture": {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine], "Os": "linux"}

    def on_derived(self, path, query, body):
        if self.faults.get("derived") == "absent":
            return 404, {"message": "No such image"}
        return 200, {"Id": DERIVED, "Architecture": "amd64", "Os": "linux"}

    def on_create(self, path, query, body):
        with self.lock:
            self.serial += 1
            name = "%064x" % self.serial
            self.containers_made[name] = {**json.loads(body), "Names": ["/" + query.removeprefix("name=")]}
        return 201, {"Id": name, "Warnings": []}

    def on_start(self, path, query, body):
        return 204, None

    def on_update(self, path, query, body):
        self.updates.append(json.loads(body))
        return 200, {"Warnings": None}

    def on_inspect(self, path, query, body):
        name = path.split("/")[2]
        asked = self.containers_made.get(name)
        if not asked:
            return 404, {"message": "No such container"}
        host = dict(asked["HostConfig"])
        if self.faults.get("inspect") == "privileged":
            host["Privileged"] = True
        return 200, {"Image": asked["Image"], "State": {"Running": True}, "HostConfig": host,
                     "Config": {"User": asked["User"], "Tty": asked["Tty"]}}

    def on_remove(self, path, query, body):
        self.containers_made.pop(path.split("/")[2], None)
        return 204, None

    def on_archive(self, path, query, body):
        return 200, None

    def on_commit(self, path, query, body):
        """Of a large image: it takes until the next sweep and a moment more, and the container has to be there at the end."""
        container = re.search("container=([0-9a-f]+)", query).group(1)
        begun, end = len(self.calls), time.monotonic() + 40
        while "list" not in self.calls[begun:] and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(1)
        if container not in self.containers_made:
            return 404, {"message": "No such container"}
        self.faults.pop("derived", None)
        return 201, {"Id": DERIVED}

    def on_pull(self, path, query, body):
        """It begins well."""
        return 200, {"error": "toomanyrequests: You have reached your pull rate limit", "errorDetail": {}}

    def on_other(self, path, query, body):
        return 404, {"message": "page not found"}

    # -- a run

    def attached(self, connection, fault):
        connection.sendall(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")

        def put(data):
            if self.split:
                for byte in data:
                    connection.sendall(bytes([byte]))
            else:
                connection.sendall(data)

        put(frame(1, ready()))
        head = b""
        while len(head) < 40:
            part = connection.recv(40 - len(head))
            if not part:
                return
            head += part
        _, plan, payload, stdin = struct.unpack("<IIII", head[:16])
        self.skip(connection, plan, payload, stdin)
        put(frame(1, started()))
        bad = {
            "garbage": b"what is this", "stream": frame(7, b"x"), "magic": frame(1, struct.pack("<III", 1, OUT, 1) + b"x"),
            "huge": frame(1, struct.pack("<III", MAGIC, OUT, 0xFFFFFFFF)), "kind": frame(1, boot(END + 1, b"x")), "product": frame(1, boot(PRODUCT, b"of no compiler")),
            "twice": frame(1, started() + ready()), "early": frame(1, end() + boot(OUT, b"late")),
            "step": frame(1, started(WAITING, 9999)), "waiting": frame(1, started(WAITING)), "started again": frame(1, started()),
            "files before the end": frame(1, boot(FILES_AT, bytes(8))),
            "half frame": frame(1, boot(OUT, b"half"))[:-2], "stderr": frame(2, b"panic: out of luck\n" * 100),
        }.get(fault, b"")
        if fault in SCENES:
            self.scene(connection, put, fault)
            return
        put(bad)
        if fault in OUT_OF_TURN:  # and lives on, unless that is seen
            connection.recv(1)
        if fault:
            return
        put(frame(1, boot(OUT, b"he") + boot(ERR, b"oops")) + frame(1, boot(OUT, b"llo\n")))
        put(frame(1, end()))

    @staticmethod
    def scene(connection, put, name):
        """How a container comes to its end, or does not."""
        def say(*words, pause=0.0):
            put(b"".join(frame(1, word) for word in words))
            time.sleep(pause)

        if name == "slow end":  # of a run that is ended: a little of it every two seconds
            connection.recv(1)
            for _ in range(3):
                say(boot(OUT, b"so "), pause=2)
            say(end(9, ENDED, ended=0, drained=0), pause=2)
            say(end(9, ended=0))
        elif name == "no end":  # of a run that is ended: some of its output, and no more
            say(boot(OUT, b"half of"))
            connection.recv(1)
            connection.recv(1)
        elif name == "end in time":  # the rest of what it tells comes after its deadline
            say(end(3 << 8, ENDED, drained=0), pause=2)
            say(boot(OUT, b"late"), end(3 << 8))
        elif name == "no word after the end":
            say(boot(OUT, b"half of"), end(3 << 8, ENDED, drained=0))
            connection.recv(1)
        elif name == "files for ever":
            say(boot(OUT, b"whole"), end(0, ENDED))
            while True:
                say(boot(FILES_AT, bytes(8)), boot(FILES, b"x"), pause=0.3)
        elif name == "output for ever":  # whatever it is told
            while True:
                say(boot(OUT, b"x"), pause=0.3)

    @staticmethod
    def skip(connection, plan, payload, stdin):
        """The rest of the order."""
        left = ORDER_BYTES - 40 + plan + payload + stdin
        while left > 0:
            part = connection.recv(min(left, 65536))
            if not part:
                return
            left -= len(part)
