"""What attacks aim at on the host: files with a secret, servers, a process, a lock, a shared segment. All harmless,
made for one pytest process, taken away at its end. Attack programs name them between at signs: @SECRET_PATH@."""

import contextlib
import ctypes
import fcntl
import glob
import itertools
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading

HELLO = b"hello from the host"
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p

PARTS = """
import ctypes, mmap, struct
libc = ctypes.CDLL(None, use_errno=True)
page = ctypes.create_string_buffer(256)
perf = ctypes.create_string_buffer(struct.pack("IIQQQQQ", 1, 112, 1, 0, 0, 0, 96) + bytes(64))
area = mmap.mmap(-1, 4096)
at = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(area)))
for name, number, arguments in (
        ("IO_URING", 425, (1, page)), ("USERFAULTFD", 323, (1,)), ("NUMA", 238, (0, None, 0)),
        ("KSM", 28, (at, 4096, 12)), ("PERF", 298, (perf, 0, -1, -1, 0)), ("KEYS", 250, (0, -2, 0)),
        ("AIO", 206, (1, ctypes.byref(ctypes.c_ulong()))), ("LDT", 154, (0, page, 16)),
        ("KCMP", 312, (1, 1, 0, 0, 0)), ("FANOTIFY", 300, (0x200, 0)),
        ("QUEUES", 240, (b"sandgate-none", 0, 0, None))):
    made = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if made >= 0 or (name in ("KCMP", "QUEUES", "KEYS") and ctypes.get_errno() != 38):
        print(name)
"""
# The 32-bit gate; a kernel can be built with it and have it closed (ia32_emulation=off, or by itself on some CPUs): then
# it is a SIGSEGV.
GATE = """
import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=7)
code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
"""
KERNEL_HAS = {"IO_URING", "USERFAULTFD", "NUMA", "KSM", "PERF", "KEYS", "AIO", "LDT", "KCMP", "FANOTIFY", "QUEUES"}


class World:
    def __init__(self):
        self.things = {}
        self.closing = contextlib.ExitStack()

    def __enter__(self):
        try:
            for make in (self.secrets, self.planted_places, self.servers, self.shared_segment, self.facts):
                make()
            self.new_victim()
            self.closing.callback(self.end_victim)
        except BaseException:
            self.closing.close()
            raise
        return self

    def __exit__(self, *_):
        self.closing.close()

    # -- making

    def secrets(self):
        self.sweep()
        token = secrets.token_hex(8)
        self.dir = tempfile.mkdtemp(prefix="sandgate-attack-%d-" % os.getpid(), dir="/var/tmp")
        self.closing.callback(shutil.rmtree, self.dir, ignore_errors=True)
        os.chmod(self.dir, 0o755)
        self.file(self.dir + "/secret", "the secret %s\n" % token)
        self.things.update(SECRET=token, SECRET_PATH=self.dir + "/secret", MARK="mark-" + token,
                           STATE="sandgate-state-" + token, HOSTNAME=socket.gethostname())
        self.closing.callback(self.remove_state)

    @staticmethod
    def sweep():
        """What a pytest that was killed has left behind: names with the number of a process that is gone."""
        for path in itertools.chain(*(glob.glob(place + "/sandgate-attack-*")
                                      for place in ("/var/tmp", "/etc", "/usr/local/share"))):
            number = re.match(r"sandgate-attack-(\d+)-", os.path.basename(path))
            if number and not os.path.exists("/proc/" + number.group(1)):
                with contextlib.suppress(OSError):
                    shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)

    def file(self, path, text):
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o644)

    def remove_state(self):
        for place in ("/tmp", "/var/tmp", "/dev/shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink("%s/%s" % (place, self.things["STATE"]))

    def planted_places(self):
        """In /etc and /usr, where only root can make them; without them the attacks still have a name to try."""
        name = os.path.basename(self.dir)
        self.things.update(ETC_SECRET_PATH="/etc/" + name, USR_DIR="/usr/local/share/" + name,
                           LOCK_FILE="/usr/bin/python3")
        self.planted = os.geteuid() == 0
        if not self.planted:
            return
        self.closing.callback(os.unlink, self.things["ETC_SECRET_PATH"])
        self.file(self.things["ETC_SECRET_PATH"], self.things["SECRET"])
        usr = self.things["USR_DIR"]
        os.mkdir(usr)
        self.closing.callback(shutil.rmtree, usr, ignore_errors=True)
        os.chmod(usr, 0o777)
        self.things["LOCK_FILE"] = usr + ".lock"
        self.closing.callback(os.unlink, usr + ".lock")
        self.file(usr + ".lock", "")
        lock = self.closing.enter_context(open(usr + ".lock", "r+"))
        fcntl.lockf(lock, fcntl.LOCK_EX)
        again = self.closing.enter_context(open(usr + ".lock", "r+"))
        fcntl.flock(again, fcntl.LOCK_EX)

    def servers(self):
        name = os.path.basename(self.dir)
        tcp = self.listener(socket.AF_INET, ("127.0.0.1", 0))
        self.listener(socket.AF_UNIX, "\0" + name)
        self.listener(socket.AF_UNIX, self.dir + "/socket")
        os.chmod(self.dir + "/socket", 0o777)
        udp = self.closing.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        self.dgram = self.closing.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK))
        self.dgram.bind("\0" + name + "-dgram")
        self.thread(self.answer_datagrams, udp)
        self.things.update(TCP_PORT=tcp.getsockname()[1], UDP_PORT=udp.getsockname()[1], ABSTRACT=name,
                           SOCKET_PATH=self.dir + "/socket")

    def listener(self, family, address):
        s = self.closing.enter_context(socket.socket(family))
        s.bind(address)
        s.listen()
        self.thread(self.greet, s)
        return s

    def thread(self, function, *args):
        threading.Thread(target=function, args=args, daemon=True).start()

    @staticmethod
    def greet(listener):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listener.accept()
                with peer:
                    peer.sendall(HELLO)

    def answer_datagrams(self, s):
        with contextlib.suppress(OSError):
            while True:
                _, peer = s.recvfrom(2048)
                s.sendto(HELLO, peer)

    def shared_segment(self):
        """Marked for removal at once: it lives as long as we are attached, and can be attached by its number."""
        number = libc.shmget(0, 4096, 0o1666)
        if number < 0:
            return
        address = libc.shmat(number, None, 0)
        libc.shmctl(number, 0, None)
        ctypes.memmove(address, b"the host\0", 9)
        self.things["SHM_ID"] = number

    def facts(self):
        with open("/proc/self/net/route") as f:
            if any(line.split()[1:2] == ["00000000"] for line in f):
                self.things["DEFAULT_ROUTE"] = 1
        if libc.syscall(444, None, 0, 1) > 0:
            self.things["LANDLOCK"] = 1
        self.things.update(dict.fromkeys(KERNEL_HAS & self.kernel_parts(), 1))
        if subprocess.run(["/usr/bin/python3", "-c", GATE], stdout=subprocess.DEVNULL).returncode == 0:
            self.things["IA32"] = 1

    @staticmethod
    def kernel_parts():
        """Parts that not every kernel is built with, or that an administrator can turn off. Tried by a process of its
        own, which ends: nothing of what it makes stays."""
        done = subprocess.run(["/usr/bin/python3", "-c", PARTS], stdout=subprocess.PIPE, check=True)
        return set(done.stdout.decode().split())

    def new_victim(self, uid=None):
        """A process that does nothing, of that user."""
        become = ["/usr/bin/setpriv", "--reuid=%d" % uid, "--clear-groups"] if uid and os.geteuid() == 0 else []
        self.victim = subprocess.Popen(become + ["/usr/bin/sleep", "600"], stdin=subprocess.DEVNULL)
        self.things["VICTIM"] = self.victim.pid

    def end_victim(self):
        self.victim.kill()
        self.victim.wait()

    # -- looking

    def has(self, names):
        """Are these things here? Those in /etc and /usr only if root has made them."""
        planted = {"ETC_SECRET_PATH", "USR_DIR", "LOCK_FILE"}
        return all(n in self.things and (self.planted or n not in planted) for n in names)

    def was_written(self, name):
        names = os.listdir(self.things[name])
        for n in names:
            os.unlink(os.path.join(self.things[name], n))
        return bool(names)

    def victim_died(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.victim.wait(1.5)
            return True
        return False

    def datagram_came(self):
        """Since the last call. Read here, not by a thread that may not have run yet: what a program has sent lies in the
        socket when its answer comes."""
        came = False
        with contextlib.suppress(BlockingIOError):
            while True:
                self.dgram.recv(2048)
                came = True
        return came
