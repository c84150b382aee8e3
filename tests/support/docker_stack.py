"""The stack whose executor is sandgate-docker, with a real Engine (dockerd.py) or another one (fake_engine.py).

    stack = DockerStack(engine, waiting=1).start()
    stack = DockerStack(engine, languages=("python", "bash"), images={"bash": "sandgate-gcc"}).start()

Options beside those of Stack: image = of Python, another than the file says, images = {language: image}, of tests/support/docker_image.py; engine_socket (default: the Engine's), docker = lines for docker { }, native_too = the native
executor serves too, and requests may name either.
"""

import glob
import itertools
import os
import re
import time

from procfs import descendants, descriptors, mounts
from stack import NOBODY, ROOT, Stack, wait_until

_numbers = itertools.count()


class DockerStack(Stack):
    name_of_engine = "docker"

    def __init__(self, engine, docker="", native_too=False, engine_socket=None, image=None, images=None, **options):
        options.setdefault("start", "ahead")
        super().__init__(executor="root", **options)
        self.engine, self.native_too, self.image, self.images = engine, native_too, image, images or {}
        self.engine_socket = engine_socket or engine.socket
        self.docker_lines = docker
        self.warm = False
        self.instance = "test-%d-%d" % (os.getpid(), next(_numbers))

    def copy_programs(self):
        super().copy_programs()
        import shutil

        from stack import BUILD
        for name in ("sandgate-docker", "sandgate-boot"):
            shutil.copy(os.path.join(BUILD, name), self.path("bin", name))

    def write_config(self):
        super().write_config()
        lines = ['socket = "%s"' % self.docker_socket(), 'socket_mode = "0666"', 'peers = { "%d", "%d" }' % (NOBODY, os.geteuid()),
                 'engine_socket = "%s"' % self.engine_socket, 'instance = "%s"' % self.instance,
                 "slots = %d" % self.slots, "queue = %d" % self.queue, "waiting = %d" % self.waiting]
        if self.native_too:
            lines = [line for line in lines if not line.startswith("slots")] + ["slots = %d" % self.slots]
        path = self.path("conf", "sandgate.conf")
        with open(path) as f:
            text = f.read()
        engines = "native, docker" if self.native_too else "docker"
        text = text.replace("worker {\n", "worker {\n    engines = { %s }\n" % engines)
        text += "docker {\n    %s\n}\n" % "\n    ".join(self.merged(lines, self.docker_lines))
        with open(path, "w") as f:
            f.write(text)

    def write_runtimes(self):
        super().write_runtimes()
        if self.image:
            path = self.path("conf", "sandgate", "runtimes.d", "python.conf")
            with open(path) as f:
                text = f.read()
            with open(path, "w") as f:
                f.write(re.sub(r"(?m)^image = .*$", "image = %s" % self.image, text))
        for language, image in self.images.items():
            self.engine.have_image(image)
            with open(self.path("conf", "sandgate", "runtimes.d", language + ".conf"), "a") as f:
                f.write("\nimage = %s\n" % image)

    def pool(self):
        """How many containers wait when all do: of a language that is compiled for each stage."""
        found = 0
        for path in glob.glob(self.path("conf", "sandgate", "runtimes.d", "*.conf")):
            with open(path) as f:
                text = f.read()
            found += bool(re.search(r"(?m)^image = ", text)) * (1 + bool(re.search(r"(?m)^compile = ", text)))
        return found * self.waiting

    def docker_socket(self):
        return self.path("native", "docker.sock")

    def uid_ranges(self):
        return super().uid_ranges() if self.native_too else []

    def start_executor(self):
        if self.native_too:
            super().start_executor()
            self.processes["native"] = self.processes.pop("executor")
        self.start_docker()

    def start_docker(self):
        """As a user of its own that has nothing but the group of the Engine's socket."""
        command = [self.path("bin", "sandgate-docker"), "-c", self.path("conf", "sandgate.conf")]
        if ROOT:
            os.chown(self.path("native"), self.service_uid, self.service_uid)
            group = os.stat(self.engine_socket).st_gid if os.path.exists(self.engine_socket) else self.service_uid
            command = ["/usr/bin/setpriv", "--reuid=%d" % self.service_uid, "--regid=%d" % (group or self.service_uid),
                       "--clear-groups"] + command
        self.spawn("executor", command)
        self.wait_socket(self.docker_socket(), "executor")

    def wait_full(self):
        """Until as many containers wait as shall, and no others are there: one that has just been used is there for a moment more."""
        def full():
            found = self.engine.containers(self.instance)
            if len(found) != self.pool() or not self.all_run():
                return False
            time.sleep(0.7)
            return self.engine.containers(self.instance) == found and self.all_run()

        if hasattr(self.engine, "containers"):
            wait_until(full, 120, 0.05, "containers that wait")

    def rest(self, *args, **kw):
        """Making one takes longer than nothing has to change for a rest."""
        self.wait_full()
        return super().rest(*args, **kw)

    def all_run(self):
        return all((self.engine.inspect(c) or {}).get("State", {}).get("Running") for c in self.engine.containers(self.instance))

    def stop(self, check=True):
        left = []
        if "native" in self.processes:
            left = self.stop_process("executor") if "executor" in self.processes else []
            self.processes["executor"] = self.processes.pop("native")
        super().stop(check)
        if check and hasattr(self.engine, "containers") and self.engine.process:
            # It leaves after eight seconds, and a busy Engine may still be removing.
            wait_until(lambda: not self.engine.containers(self.instance), 30, what="containers to be removed")
        assert not left, left

    def executor_child(self):
        return self.pid("executor")

    def box_pids(self):
        return []

    def counts(self):
        executor = self.pid("executor") if "executor" in self.processes else None
        return {
            "executor processes": len(descendants(executor)) if executor else 0,
            "executor descriptors": descriptors(executor, but="socket:") if executor else 0,
            # Up to sixteen to the Engine are kept, one to each container that waits, one to each worker.
            "executor connections": max(0, descriptors(executor, "socket:") - self.workers - 2 - 16 - self.pool()) if executor else 0,
            "containers": len(self.engine.containers(self.instance)) if hasattr(self.engine, "containers") else 0,
            "workers": len(self.worker_pids()),
            "worker descriptors": max([descriptors(p) for p in self.worker_pids()] or [0]),
            "host mounts": mounts(),
            "files": sum(len(files) + len(dirs) for _, dirs, files in os.walk(self.dir)),
        }

    def settle(self, before, timeout=30.0):
        """Removing containers takes an Engine longer than a box takes."""
        return super().settle(before, timeout)
