"""Several hosts on one machine: a network namespace each, joined by veth pairs, with nothing in the machine's own.

    with Network(["192.0.2.11", "192.0.2.12"]) as network:       # network.front, and network.hosts by address
        node = Node(network.hosts["192.0.2.11"], slots=2).start()        # executor, and workers on TCP ports
        front = Front(network.front, {"/etc/ssl/sandgate": directory}, "nodes.conf").start()
        socket = network.front.connect("127.0.0.1", 443)
        network.unplug("192.0.2.11"); network.plug_in("192.0.2.11")
        node.kill(); node.start_again()

A namespace lives as long as the process that holds it, and its veth pairs with it: there is nothing to remove.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess

from procfs import descendants
from stack import ROOT, Stack, wait_until

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def enter(fd):
    if libc.setns(fd, CLONE_NEWNET) < 0:
        raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def network_of(path):
    """The calling thread's network is that one meanwhile: of sockets that it makes, not of those that it has. Its own is kept open:
    afterwards no path of /proc leads there, if this is the first thread of the process."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        other = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            enter(other)
        finally:
            os.close(other)
        try:
            yield
        finally:
            enter(own)
    finally:
        os.close(own)


class Host:
    def __init__(self):
        self.holder = subprocess.Popen(["/usr/bin/unshare", "--net", "/usr/bin/sleep", "infinity"])
        self.path = "/proc/%d/ns/net" % self.holder.pid
        wait_until(lambda: os.readlink(self.path) != os.readlink("/proc/self/ns/net"), what="a namespace")
        self.ip("link set lo up")

    def command(self, words):
        return ["/usr/bin/nsenter", "--net=" + self.path, "--", *words]

    def ip(self, words):
        done = subprocess.run(self.command(["/usr/sbin/ip", *words.split()]), capture_output=True, text=True)
        if done.returncode != 0:
            raise OSError("ip %s: %s" % (words, done.stderr.strip()))

    def connect(self, address, port, timeout=60):
        with network_of(self.path):
            return socket.create_connection((address, port), timeout)

    def stop(self):
        self.holder.kill()
        self.holder.wait()


class Network:
    """A host in front that has a wire of its own to each of the others."""

    FRONT = "192.0.2.1"

    def __init__(self, addresses):
        self.front, self.hosts = None, {}
        try:
            self.front = Host()
            for number, address in enumerate(addresses):
                self.hosts[address] = host = Host()
                self.front.ip("link add node%d type veth peer name eth0 netns %d" % (number, host.holder.pid))
                ends = ((self.front, "node%d" % number, self.FRONT, address), (host, "eth0", address, self.FRONT))
                for one, name, own, peer in ends:
                    one.ip("addr add %s peer %s dev %s" % (own, peer, name))
                    one.ip("link set %s up" % name)
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for host in [*self.hosts.values(), *([self.front] if self.front else [])]:
            host.stop()

    def unplug(self, address):
        """What is sent there gets lost: nobody says that nobody is there."""
        self.hosts[address].ip("link set eth0 down")

    def plug_in(self, address):
        self.hosts[address].ip("link set eth0 up")


class OnHost:
    """For Stack: its processes are in the host's network."""

    def spawn(self, name, command, env=None):
        return super().spawn(name, self.host.command(command), env)


class Node(OnHost, Stack):
    """An executor, and its workers on TCP ports of the host: 9170, and 9171 for status."""

    PORTS = {"workers": 9170, "status": 9171}

    def __init__(self, host, address, **options):
        super().__init__(wait=False, **options)
        self.host, self.address = host, address

    def start_workers(self, name, count):
        command = ["/usr/bin/spawn-fcgi", "-n", "-a", self.address, "-p", str(self.PORTS[name])]
        if ROOT:
            command += ["-u", "nobody", "-g", "nogroup"]
        self.spawn(name, command + ["--", "/usr/bin/multiwatch", "-f", str(count), "-r", "1000000", "--",
                                    self.path("bin", "sandgate-fcgi"), "-c", self.path("conf", "sandgate.conf")])

    def start_nginx(self):
        pass

    def kill(self):
        """Everything of it, as quickly as signals can. Workers first: none shall tell that its executor has gone."""
        for name in ("workers", "status", "executor"):
            for pid in descendants(self.pid(name)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.processes.pop(name).wait()

    def kill_executor(self):
        """Its working child; the supervisor starts another one."""
        os.kill(self.executor_child(), signal.SIGKILL)

    def start_again(self):
        self.start_executor()
        self.start_workers("workers", self.workers)
        self.start_workers("status", 2)

    def answered(self, request):
        """The statuses with which its workers have answered that request."""
        lines = [line for line in self.log("workers").splitlines() if "request=%s " % request in line and " status=" in line]
        return [int(line.split(" status=")[1].split()[0]) for line in lines]


class Front(OnHost, Stack):
    """An nginx alone, with one of the examples, its addresses and ports as shipped."""

    def __init__(self, host, replaced, example):
        super().__init__(executor="embedded", wait=False, examples=replaced)
        self.host, self.example = host, example

    def start_workers(self, name, count):
        pass

    def connects(self):
        with contextlib.suppress(OSError):
            self.host.connect("127.0.0.1", self.port, 1).close()
            return True
        return False

    def write_nginx(self):
        super().write_nginx()
        for name in os.listdir(self.path("conf", "nginx", "examples")):
            if name != self.example:
                os.unlink(self.path("conf", "nginx", "examples", name))
