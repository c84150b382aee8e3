"""A real Docker Engine for the tests: on a socket, in directories and in a mount namespace of its own; stopped by its pid,
and nothing of it is left.

    engine = Dockerd().start()      # StackError when it cannot be; docker_missing() says why it cannot be had at all
    engine.call("GET", "/info")     # (status, document)
    engine.containers("instance")   # ids of all that have that label
    engine.stop()
"""

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import docker_image
from procfs import cgroup_mounts, descendants, process_table, started
from stack import BUILD, ROOT, StackError, remove_cgroup, tail, wait_until

IMAGE = "sandgate-python"


def docker_missing():
    """Why no Engine can be started here; None: one can."""
    if not ROOT:
        return "Docker needs root"
    if not shutil.which("dockerd", path="/usr/sbin:/usr/bin:/sbin:/bin"):
        return "Docker is not installed (docker.io)"
    return None


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=60):
        super().__init__("docker", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def image_tar(contents):
    """Made once for a state of the packages, and kept in the build tree."""
    packages = docker_image.closure(docker_image.CONTENTS[contents])
    versions = subprocess.run(["dpkg-query", "-W"] + packages, capture_output=True, check=True).stdout
    with open(docker_image.__file__, "rb") as f:
        name = "docker-image-%s.tar" % hashlib.sha256(versions + f.read()).hexdigest()[:16]
    path = os.path.join(BUILD, name)
    if not os.path.exists(path):
        docker_image.write_image("%s.%d" % (path, os.getpid()), docker_image.CONTENTS[contents])
        os.rename("%s.%d" % (path, os.getpid()), path)
    return path


class Dockerd:
    def __init__(self):
        self.dir = self.process = None
        self.parent = "sandgate-test-docker-%d" % os.getpid()

    def start(self):
        self.dir = tempfile.mkdtemp(prefix="sandgate-docker-")
        os.chmod(self.dir, 0o755)
        try:
            self.run()
            self.have_image(IMAGE)
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def socket(self):
        return os.path.join(self.dir, "docker.sock")

    def run(self):
        """Also again, after stop_process(): with what it had."""
        data = [os.path.join(self.dir, name) for name in ("data", "exec", "pid")]
        with open(os.path.join(self.dir, "log"), "ab") as log:
            self.process = subprocess.Popen(
                ["/usr/bin/unshare", "--mount", "--propagation", "private", "dockerd", "--iptables=false", "--ip6tables=false",
                 "--bridge=none", "--data-root", data[0], "--exec-root", data[1], "--pidfile", data[2], "--cgroup-parent",
                 "/" + self.parent, "-H", "unix://" + self.socket],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": self.dir})
        wait_until(self.answers, 60, 0.05, "dockerd")
        os.chmod(self.socket, 0o660)

    def answers(self):
        if self.process.poll() is not None:
            raise StackError("dockerd ended with %d\n%s" % (self.process.returncode, tail(os.path.join(self.dir, "log"))))
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.call("GET", "/_ping")[0] == 200
        return False

    def have_image(self, name):
        if self.call("GET", "/images/%s/json" % name)[0] != 200:
            self.load_image(name, name)

    def load_image(self, name=IMAGE, contents=IMAGE):
        with open(image_tar(contents), "rb") as tar:
            status, answer = self.call("POST", "/images/create?fromSrc=-&repo=%s&tag=latest" % name, tar,
                                       {"Content-Type": "application/x-tar"})
        if status != 200 or "error" in str(answer):
            raise StackError("dockerd does not take the image: %s %s" % (status, answer))

    def call(self, method, path, body=None, headers=None):
        connection = UnixConnection(self.socket)
        try:
            if isinstance(body, dict):
                body, headers = json.dumps(body), {"Content-Type": "application/json"}
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            data = response.read()
            try:
                return response.status, json.loads(data) if data else None
            except ValueError:
                return response.status, data
        finally:
            connection.close()

    def containers(self, instance):
        filters = json.dumps({"label": ["sandgate.instance=" + instance]}).replace(" ", "")
        status, found = self.call("GET", "/containers/json?all=1&filters=" + filters.replace('"', "%22"))
        assert status == 200, found
        return [c["Id"] for c in found]

    def inspect(self, container):
        return self.call("GET", "/containers/%s/json" % container)[1]

    # -- the end

    def stop_process(self, sig=signal.SIGTERM):
        everything = {pid: started(pid) for pid in descendants(self.process.pid)}
        self.process.send_signal(sig)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        end = time.monotonic() + 10
        while time.monotonic() < end and [p for p in everything if process_table().get(p, (0, "Z"))[1] != "Z"]:
            time.sleep(0.05)
        for pid, since in everything.items():  # shims of containers, of a daemon that was killed
            if process_table().get(pid, (0, "Z"))[1] != "Z" and started(pid) == since:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def stop(self):
        if self.process and self.process.poll() is None:
            for name in self.call("GET", "/containers/json?all=1")[1] or []:
                self.call("DELETE", "/containers/%s?force=1" % name["Id"])
            self.stop_process()
        for _, mount, own in cgroup_mounts():
            for top in (os.path.join(mount, self.parent), os.path.join(mount, own.lstrip("/"), self.parent)):
                if os.path.isdir(top):
                    remove_cgroup(top)
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)
        self.process = self.dir = None
