"""A remote Engine: TLS on loopback in front of an Engine's socket, for those who have a certificate of the same authority.

    with TlsFront(engine.socket, directory) as front:
        ... front.url, front.file("ca.pem"), front.file("client.pem"), front.file("client.key") ...
"""

import contextlib
import os
import socket
import ssl
import subprocess
import threading

CHUNK = 65536


def openssl(*words, cwd):
    done = subprocess.run(["openssl", *words], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def make_authority(directory, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=" + name,
            "-keyout", name + ".key", "-out", name + ".pem", cwd=directory)


def make_certificate(directory, name, authority, names):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=" + name,
            "-keyout", name + ".key", "-out", name + ".csr", cwd=directory)
    with open(os.path.join(directory, name + ".ext"), "w") as f:
        f.write("subjectAltName = %s\n" % names)
    openssl("x509", "-req", "-in", name + ".csr", "-CA", authority + ".pem", "-CAkey", authority + ".key", "-CAcreateserial",
            "-days", "2", "-extfile", name + ".ext", "-out", name + ".pem", cwd=directory)


class TlsFront:
    def __init__(self, engine_socket, directory):
        self.engine_socket, self.directory = engine_socket, directory
        for authority in ("ca", "stranger"):
            make_authority(directory, authority)
        make_certificate(directory, "server", "ca", "IP:127.0.0.1")
        make_certificate(directory, "client", "ca", "DNS:sandgate")
        for name in os.listdir(directory):  # sandgate-docker is a user of its own
            os.chmod(self.file(name), 0o644)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.file("server.pem"), self.file("server.key"))
        self.context.load_verify_locations(self.file("ca.pem"))
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "https://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.accepted = 0
        self.open = []
        self.threads = [threading.Thread(target=self.accept)]

    def file(self, name):
        return os.path.join(self.directory, name)

    def __enter__(self):
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        for one in [self.listener, *self.open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self.threads:
            thread.join(10)

    def accept(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            try:
                plain.settimeout(10)
                client = self.context.wrap_socket(plain, server_side=True)
                client.settimeout(None)
            except OSError:  # of another authority, or without a certificate
                plain.close()
                continue
            self.accepted += 1
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(self.engine_socket)
            self.open += [client, engine]
            for ends in ((client, engine), (engine, client)):
                self.threads.append(threading.Thread(target=self.pass_on, args=ends))
                self.threads[-1].start()

    @staticmethod
    def pass_on(source, target):
        with contextlib.suppress(OSError, ValueError):
            while data := source.recv(CHUNK):
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
