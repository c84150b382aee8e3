"""What the tests in the virtual machine stand on: users, configuration, units, the web side, and looking from outside.

Everything here runs as root in the guest. Times are generous: the guest is emulated and ten times slower."""

import contextlib
import ctypes
import glob
import http.client
import json
import os
import pwd
import re
import struct
import subprocess
import threading
import time

CGROUPS = "/sys/fs/cgroup/system.slice"
SOCKET_DIR = "/run/sandgate-native"
RANGE = (300000, 65536)  # of the user `sandgate` in /etc/subuid
ID_BASE = 1879048192  # native.id_base: the range of an executor that root starts
WALL_MS = 100000

CONFIG = """
runtime_dir = "/etc/sandgate/runtimes.d"
profile_dir = "/etc/sandgate/profiles"
rules_dir = "/etc/sandgate/rules"
policy_dir = "/etc/sandgate/policies.d"
log_target = "stderr"
native {
    socket = "%s/native.sock"
    socket_mode = 0666
    peers = { "www-data" }
    slots = 4
    waiting_min = 0
}
""" % SOCKET_DIR

UNITS = {"sandgate-user": "User=sandgate", "sandgate-plain": "User=plain", "sandgate-root": ""}
UNIT = """
[Service]
%s
Delegate=cpu memory pids
RuntimeDirectory=sandgate-native
ExecStart=/usr/sbin/sandgate-native -c /etc/sandgate/vm.conf
StandardOutput=append:/run/%s.log
StandardError=append:/run/%s.log
Restart=on-failure
RestartSec=100ms
# SIGTERM to the supervisor alone, so that runs may end; then everything that is left is killed.
KillMode=mixed
TimeoutStopSec=120
"""


def say(text):
    print(text, flush=True)


def read(path):
    with open(path, errors="replace") as f:
        return f.read()


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def command(*words, check=True):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode:
        raise AssertionError("%s: status %d: %s" % (" ".join(words), done.returncode, done.stdout))
    return done.stdout


def wait_until(check, timeout=60.0, what="condition", every=0.1):
    end = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("timed out after %d s waiting for: %s" % (timeout, what))
        time.sleep(every)


def check(condition, what, *detail):
    if not condition:
        raise AssertionError("%s: %s" % (what, " ".join(str(d) for d in detail)))


def equal(got, want, what):
    check(got == want, what, "got %r, want %r" % (got, want))


def check_reason(doc, reason):
    equal(doc["termination"]["reason"], reason, "reason of %s" % doc)


# ---- the guest --------------------------------------------------------------------------------------------------


def prepare():
    """Users (one with a range of ids, one without), configuration, and a language whose programs may fork."""
    for name in ("sandgate", "plain"):
        command("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name)
    for path in ("/etc/subuid", "/etc/subgid"):
        write(path, "sandgate:%d:%d\n" % RANGE)
    write("/etc/sandgate/vm.conf", CONFIG)
    for unit, user in UNITS.items():
        write("/run/systemd/system/%s.service" % unit, UNIT % (user, unit, unit))
    command("systemctl", "daemon-reload")
    start_cold()
    make_forker()


PYTHON = "/etc/sandgate/runtimes.d/python.conf"


def start_cold():
    """What waits would be counted by every case: templates have cases of their own (start_warm)."""
    text = read(PYTHON)
    os.rename(PYTHON, PYTHON + ".shipped")
    head, _, rest = text.partition("\nstart = template\n")
    write(PYTHON, head + "\nstart = cold\n" + rest.partition("\nprepare = '")[2].partition("\n'\n")[2])


def start_cold_again():
    os.unlink(PYTHON)
    os.rename(PYTHON + ".shipped", PYTHON)
    start_cold()


def start_warm():
    """The shipped file, with the templates for which the guest has packages."""
    write(PYTHON, re.sub(r"(?m)^templates = .*$", "templates = { none, numpy }", read(PYTHON + ".shipped")))


def make_forker():
    """The Python runtime once more, with a profile that lets it make processes: the shipped one allows threads only,
    and then there is little for cgroup.kill and memory.oom.group to do."""
    allowed = ["clone", "fork", "vfork", "wait4", "waitid", "setsid", "setpgid"]
    profile = json.loads(read("/etc/sandgate/profiles/python.json"))
    for row in profile["syscalls"]:
        row["names"] = [name for name in row["names"] if name not in allowed]
    profile["syscalls"] = [row for row in profile["syscalls"] if row["names"]]
    profile["syscalls"].append({"names": allowed, "action": "SCMP_ACT_ALLOW"})
    write("/etc/sandgate/profiles/forker.json", json.dumps(profile))
    runtime = read("/etc/sandgate/runtimes.d/python.conf")
    for key, value in (("language", "forker"), ("aliases", "{ }"), ("extensions", "{ }"), ("profile", "forker")):
        runtime = re.sub(r"(?m)^%s\s*=.*$" % key, "%s = %s" % (key, value), runtime)
    write("/etc/sandgate/runtimes.d/forker.conf", runtime)


class Watch:
    """Was a file written to? By inotify: proof that a means was used, not only there."""

    def __init__(self, path):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0 or libc.inotify_add_watch(self.fd, path.encode(), 2) < 0:  # IN_MODIFY
            raise OSError(ctypes.get_errno(), path)

    def written(self):
        """Of struct inotify_event, 16 bytes each here: wd, mask, cookie, len. Removal of the file comes as another."""
        with contextlib.suppress(BlockingIOError):
            events = os.read(self.fd, 4096)
            return any(struct.unpack_from("iIII", events, at)[1] & 2 for at in range(0, len(events), 16))
        return False


# ---- the executor's unit ----------------------------------------------------------------------------------------


class Unit:
    def __init__(self, name):
        self.name = name
        self.top = "%s/%s.service" % (CGROUPS, name)
        self.base = self.top + "/sandgate"

    def start(self):
        """Stops the others first: all listen on the same socket."""
        for name in UNITS:
            if name != self.name:
                command("systemctl", "stop", name)
        command("systemctl", "start", self.name)
        wait_until(lambda: re.search(r"(?m): (not )?ready", self.log()), 120, "the trial runs of " + self.name)
        if "not ready" in self.log():
            raise AssertionError("a trial run of %s failed" % self.name)

    def stop(self):
        command("systemctl", "stop", self.name)

    def log(self):
        with contextlib.suppress(OSError):
            return read("/run/%s.log" % self.name)
        return ""

    def main_pid(self):
        return int(command("systemctl", "show", "-p", "MainPID", "--value", self.name))  # takes half a second here

    def child(self):
        """The working child: the only child of the supervisor, newuidmap excepted."""
        main = self.main_pid()
        for pid, (ppid, comm) in processes().items():
            if ppid == main and comm == "sandgate-native":
                return pid
        return 0

    def boxes(self):
        return sorted(glob.glob(self.base + "/box-*"))

    def members(self):
        """All processes in the unit's cgroup and below it."""
        found = []
        for top, _, files in os.walk(self.top):
            if "cgroup.procs" in files:
                with contextlib.suppress(OSError):
                    found += [int(pid) for pid in read(top + "/cgroup.procs").split()]
        return sorted(found)

    def idle(self):
        """The executor's own processes: supervisor, child, and launchers and cells that the child keeps for boxes."""
        main, child = self.main_pid(), self.child()
        return sorted([main, child] + [pid for pid, (ppid, comm) in processes().items()
                                       if ppid == child and comm in ("sandgate-spare", "sandgate-cell") and pid not in box_ids()])

    def settle(self, timeout=30):
        """Between runs: the executor's own processes, no cgroup of a box, nobody with a box's id."""
        wait_until(lambda: not self.boxes() and self.members() == self.idle() and not box_ids(), timeout,
                   "only the executor is left")


def processes():
    """{pid: (ppid, comm)}"""
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                text = read("/proc/%s/stat" % name)
                comm, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
                table[int(name)] = (int(rest[1]), comm)
    return table


def executors():
    return [pid for pid, (_, comm) in processes().items() if comm.startswith("sandgate-nativ")]


def uids(pid):
    return int(re.search(r"(?m)^Uid:\t(\d+)", read("/proc/%d/status" % pid)).group(1))


def box_ids():
    """Processes whose uid is in a range that only boxes use; the executor of root is ID_BASE itself."""
    found = []
    for pid in processes():
        with contextlib.suppress(OSError, AttributeError):
            uid = uids(pid)
            if RANGE[0] <= uid < RANGE[0] + RANGE[1] or ID_BASE < uid < ID_BASE + 65536:
                found.append(pid)
    return found


# ---- the web side -----------------------------------------------------------------------------------------------


class Client:
    """Asks by HTTP, and for an answer that may take long in a thread."""

    headers = {}

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", 8080, timeout=240)

    def request(self, method, path, body=None):
        """(status, headers, document)"""
        with contextlib.closing(self.connection()) as connection:
            connection.request(method, path, body, {**self.headers, **({"Content-Type": "application/json"} if body else {})})
            answer = connection.getresponse()
            text = answer.read()
        try:
            return answer.status, answer.headers, json.loads(text)
        except ValueError:
            return answer.status, answer.headers, text

    def post(self, code, language="python", **limits):
        limits = {"wall_time_ms": WALL_MS, "cpu_percent": 100, **limits}
        return self.request("POST", "/v1/execute", json.dumps(
            {"language": language, "code": code, "validate": False, "limits": limits}))

    def run(self, code, language="python", **limits):
        status, _, doc = self.post(code, language, **limits)
        assert status == 200, "status %s: %s" % (status, doc)
        return doc

    def wait_ready(self, timeout=180):
        answer = []

        def ready():
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer[:] = self.request("GET", "/ready")
                return answer[0] == 200
        try:
            wait_until(ready, timeout, "GET /ready", every=0.5)
        except AssertionError as e:
            raise AssertionError("%s: %s" % (e, answer)) from None

    def background(self, code, language="python", **limits):
        """A run in a thread: .answer is there after .join()."""
        thread = threading.Thread(target=lambda: setattr(thread, "answer", self.post(code, language, **limits)))
        thread.daemon = True
        thread.answer = None
        thread.start()
        return thread


class Web(Client):
    """The real nginx with the installed files, spawn-fcgi with multiwatch, sandgate-fcgi as www-data."""

    def __init__(self):
        os.makedirs("/run/sandgate", exist_ok=True)
        self.log = open("/run/web.log", "ab")
        self.started = [
            self.spawn("/usr/bin/spawn-fcgi", "-n", "-s", "/run/sandgate/%s.sock" % name, "-M", "0666", "-u", "www-data",
                       "-g", "www-data", "--", "/usr/bin/multiwatch", "-f", count, "-r", "1000000", "--",
                       "/usr/sbin/sandgate-fcgi", "-c", "/etc/sandgate/vm.conf")
            for name, count in (("workers", "4"), ("status", "1"))]
        self.started.append(self.spawn("/usr/sbin/nginx", "-e", "/run/sandgate/nginx-error.log",
                                       "-c", "/etc/sandgate/nginx/nginx.conf"))

    def spawn(self, *words):
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd="/")

    def stop(self):
        for process in self.started:
            process.terminate()
        for process in self.started:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                say("# had to be killed: %s" % " ".join(process.args))
                process.kill()
                process.wait()


def box_of_run(unit, members=2):
    """The directory of the one live box, once so many processes are in it and its program has been executed."""
    def live():
        for box in unit.boxes():
            with contextlib.suppress(OSError):
                pids = [int(pid) for pid in read(box + "/cgroup.procs").split()]
                if len(pids) >= members and any(read("/proc/%d/comm" % pid).startswith("python") for pid in pids):
                    return box
        return None
    return wait_until(live, 60, "a box with %d processes" % members)


def facts():
    say("# kernel: " + os.uname().release)
    say("# systemd: " + command("systemctl", "--version").split("\n")[0])
    say("# cgroup: " + command("findmnt", "-no", "FSTYPE,OPTIONS", "/sys/fs/cgroup").strip())
    say("# nginx: " + command("nginx", "-v").strip().rpartition(" ")[2])
    say("# user sandgate: uid %d" % pwd.getpwnam("sandgate").pw_uid)
