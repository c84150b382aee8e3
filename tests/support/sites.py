"""Clients of the servers in nginx-conf/examples: HTTPS by name, and the certificates that those servers and clients have.

    certificates = Certificates(directory)               # server.pem, clients.pem, clients.crl, alice, revoked, stranger
    site = Site("tls.sandgate.example", port, certificates)
    site.get("/health"); site.post({...}); Site(..., client="alice"); Site(..., headers={...})   # each gives a stack.Answer
"""

import http.client
import json
import os
import socket
import ssl

from client import Answer
from tls_front import make_authority, make_certificate, openssl

AUTHORITY = """[ca]
default_ca = clients
[clients]
database = index.txt
default_md = sha256
default_crl_days = 2
"""


class Certificates:
    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        make_authority(directory, "ca")
        make_certificate(directory, "server", "ca", "DNS:*.sandgate.example")
        for authority, names in (("clients", ("alice", "revoked")), ("other", ("stranger",))):
            make_authority(directory, authority)
            for name in names:
                make_certificate(directory, name, authority, "DNS:" + name)
        self.write("ca.cnf", AUTHORITY)
        self.write("index.txt", "")
        words = ["-config", "ca.cnf", "-keyfile", "clients.key", "-cert", "clients.pem"]
        openssl("ca", *words, "-revoke", "revoked.pem", cwd=directory)
        openssl("ca", *words, "-gencrl", "-out", "clients.crl", cwd=directory)

    def write(self, name, text):
        with open(self.file(name), "w") as f:
            f.write(text)

    def file(self, name):
        return os.path.join(self.directory, name)

    def context(self, client=None):
        context = ssl.create_default_context(cafile=self.file("ca.pem"))
        if client:
            context.load_cert_chain(self.file(client + ".pem"), self.file(client + ".key"))
        return context


class Site:
    """One of the servers; connect: how to get a socket to nginx, by default over loopback."""

    def __init__(self, name, port, certificates, client=None, headers=None, host=None, connect=None):
        self.name, self.port, self.certificates = name, port, certificates
        self.context = certificates.context(client)
        self.headers = {"Host": host or name, **(headers or {})}
        self.connect = connect or (lambda: socket.create_connection(("127.0.0.1", port), 60))

    def tls(self):
        return self.context.wrap_socket(self.connect(), server_hostname=self.name)

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.name, self.port)  # HTTPSConnection would load all authorities of the system
        try:
            connection.sock = self.tls()
            connection.request(method, path, body, {**self.headers, **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def post(self, body, path="/v1/execute", headers=None):
        body = json.dumps(body).encode() if isinstance(body, dict) else body
        return self.request("POST", path, body, {"Content-Type": "application/json", **(headers or {})})

    def run(self, code="print(1)", path="/v1/execute", **fields):
        return self.post({"language": "python", "validate": False, "code": code, **fields}, path)

    def begin(self, code, accept="application/json", path="/v1/execute"):
        """Sends a run and does not wait: the open connection. Closing it cancels the run."""
        body = json.dumps({"language": "python", "validate": False, "code": code}).encode()
        s = self.tls()
        s.sendall(b"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAccept: %s\r\n"
                  b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (path.encode(), self.name.encode(), accept.encode(), len(body), body))
        return s
