"""The real stack in a temporary directory: nginx, spawn-fcgi with multiwatch, sandgate-fcgi, sandgate-native.

Nothing is faked: nginx runs the files of nginx-conf/ (directories, sockets and the port are replaced, no more),
workers run as an unprivileged user, the executor is a service started as root or rootless.

In a test (fixtures are in tests/conftest.py):

    def test_hello(stack):                      # one stack per pytest process, shared; executor by fixture
        doc = stack.run('print("hello")')       # POST /v1/execute, asserts 200, gives the document
        assert doc["stdout"] == "hello\\n"

    def test_bad(stack):
        answer = stack.post({"language": 7})    # Answer: .status .headers .json .body .problem()
        assert answer.problem()["code"] == "invalid_request"

    def test_own(make_stack):                   # a stack of one's own, stopped and checked at the end
        stack = make_stack(executor="rootless", slots=1, queue=0, workers=3, native='queue_wait_ms = 500')

    def test_both(either_stack): ...            # once with the executor as root, once rootless (shared stacks)

    with Stack(executor="root", lab=True) as stack:      # without pytest
        stack.lab(off="seccomp"); stack.lab(fail="mount_root"); stack.lab()

    before = stack.rest(); ...; stack.settle(before)   # processes, mounts, cgroups, descriptors, files

Options of Stack: executor = "root" (the default; rootless if we are not root) | "rootless" (an unprivileged uid with one id, and delegated cgroups) |
"rootless-range" (the same with a range in /etc/subuid, seen by it alone) | "embedded" (no service: each worker's
private child); cgi = True for plain CGI under fcgiwrap (embedded too); lab = run sandgate-native-lab; slots, queue, workers; config, worker, native, limits = lines of
text for the top level and these sections of sandgate.conf; http, server = lines for these blocks of nginx.conf (paths as shipped: /etc/sandgate/nginx, /run/sandgate);
examples = {as shipped: in the test} for nginx-conf/examples, of which all are then served beside nginx.conf's own server;
start = "cold" for a stack without templates; waiting = how many clones of each template wait, no more and no less;
languages = which of the shipped runtimes.d/NAME.conf it has (python and node: trial runs of all would hold up each stack);
requests = requests in a worker's life; delegate = False leaves a rootless executor without cgroups; wait = False
does not wait until /ready says so.
"""

import contextlib
import glob
import http.client
import itertools
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time

from client import Client
from counting import Counted
from procfs import ROOT, cgroup_mounts, descendants, process_table, processes_of_uids, started
from source import SOURCE
from waiting import wait_until

BUILD = os.path.abspath(os.environ.get("SG_BUILDDIR") or os.path.join(SOURCE, "_build", "gcc"))
PROGRAMS = ["sandgate-fcgi", "sandgate-native", "sandgate-box", "sandgate"]
OPTIONAL = ["sandgate-template.so"]  # not in builds with sanitizers
LAB_PROGRAMS = ["sandgate-native-lab", "sandgate-box-lab"]
NOBODY = 65534
V1_CONTROLLERS = ["memory", "pids", "cpu", "cpuacct", "freezer"]
_numbers = itertools.count()


class StackError(Exception):
    """The stack did not start or stop as it should; the text has the ends of its logs."""


# ---- small helpers, also for tests ------------------------------------------------------------------------------


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def tail(path, n=3000):
    try:
        with open(path, errors="replace") as f:
            return f.read()[-n:]
    except OSError as e:
        return str(e)


# ---- the stack --------------------------------------------------------------------------------------------------


class Stack(Client, Counted):
    name_of_engine = "native"

    def __init__(self, executor=None, lab=False, slots=4, queue=8, workers=None, requests=None, config="",
                 worker="", validate="", native="", limits="", http="", server="", delegate=True, embedded=False, cgi=False,
                 wait=True, before=None, start="template", waiting=1, languages=("python", "node"), examples=None):
        executor = executor or "root"
        self.executor = "embedded" if embedded or cgi else "rootless" if executor == "root" and not ROOT else executor
        self.cgi, self.wait = cgi, wait
        self.lab_build = lab
        self.slots, self.queue = slots, queue
        self.workers = workers or slots + queue + 4  # more than can be taken: overload is answered, not hung
        self.requests = requests
        self.extra = {"": config, "worker": worker, "validate": validate, "native": native, "limits": limits}
        self.nginx_extra = {"http": http, "server": server}
        self.examples = examples
        self.delegate = delegate
        self.before = before
        # Lab builds and private executors have no templates.
        self.start_kind, self.waiting, self.languages = start, waiting, languages
        self.pool_sockets = waiting  # to pid 1 of each box that waits; wait_warm() knows of more
        self.warm = start == "template" and not lab and self.executor != "embedded" and "SG_NO_TEMPLATES" not in os.environ
        number = next(_numbers)
        self.name = "sandgate-test-%d-%d" % (os.getpid(), number)
        # Of its own for each stack, so that whatever is left behind shows whose it is; pytest's processes have pids that
        # lie near each other.
        self.service_uid = 100000 + os.getpid() % 512 * 1024 + number % 1024
        self.id_base = 1879048192 + (os.getpid() % 512 * 4096 + number % 4096) * 1024
        self.id_count = 1024
        self.dir = self.port = None
        self.processes = {}  # name -> Popen
        self.delegated = []

    # -- life

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        try:
            self.prepare()
            if self.before:
                self.before(self)
            if self.executor != "embedded":
                self.start_executor()
            if self.cgi:
                self.start_fcgiwrap()
            else:
                self.start_workers("workers", self.workers)
                self.start_workers("status", 2)
            self.start_nginx()
            if self.wait:
                self.wait_ready()
                self.wait_full()
        except BaseException:
            self.stop(check=False)
            raise
        return self

    def prepare(self):
        self.dir = tempfile.mkdtemp(prefix="sandgate-")
        os.chmod(self.dir, 0o755)
        for name in ("bin", "conf", "run", "native", "log", "web"):
            os.mkdir(self.path(name))
        self.copy_programs()
        shutil.copytree(os.path.join(SOURCE, "packaging", "conf"), self.path("conf", "sandgate"),
                        ignore=shutil.ignore_patterns("sandgate.conf"))
        for path in glob.glob(self.path("conf", "sandgate", "runtimes.d", "*.conf")):
            if os.path.basename(path)[: -len(".conf")] not in self.languages:
                os.unlink(path)
        if ROOT:
            os.chown(self.path("native"), self.executor_uid(), self.executor_uid())
            os.chown(self.path("web"), NOBODY, NOBODY)
        with open(self.path("lab-control"), "w"):
            pass
        self.write_config()
        self.write_runtimes()
        if self.executor.startswith("rootless") and ROOT and self.delegate:
            self.delegate_cgroups()

    def copy_programs(self):
        """Beside each other in the stack's own directory: the checkout may be where `nobody` cannot go."""
        names = PROGRAMS + (LAB_PROGRAMS if self.lab_build else [])
        names += [n for n in OPTIONAL if os.path.exists(os.path.join(BUILD, n))]
        for name in names + [".sandgate-build-tree"]:
            built = os.path.join(BUILD, name)
            if os.path.exists(built):
                shutil.copy(built, self.path("bin", name))
            elif name not in ("sandgate", ".sandgate-build-tree"):
                raise StackError("%s is not built (run ./check, or set SG_BUILDDIR)" % built)
        with open(self.path("bin", ".sandgate-build-tree"), "a"):
            pass

    def executor_uid(self):
        if not ROOT:
            return os.geteuid()
        if self.executor == "rootless":
            return self.service_uid
        if self.executor == "rootless-range":
            return pwd.getpwnam("daemon").pw_uid
        return 0

    def write_config(self):
        sections = {
            "": ['runtime_dir = "%s"' % self.path("conf", "sandgate", "runtimes.d"),
                 'profile_dir = "%s"' % self.path("conf", "sandgate", "profiles"),
                 'rules_dir = "%s"' % self.path("conf", "sandgate", "rules"),
                 'policy_dir = "%s"' % self.path("conf", "sandgate", "policies.d"),
                 'log_target = "stderr"'],
            "worker": ['metrics = "%s"' % self.path("web", "metrics")] + (["requests = %d" % self.requests] if self.requests else []),
            "validate": [],
            "native": ["slots = %d" % self.slots, "queue = %d" % self.queue, 'cgroup = "%s"' % self.name,
                       "id_base = %d" % self.id_base, "id_count = %d" % self.id_count],
            "limits": [],
        }
        if self.executor != "embedded":
            # As many as there are at the start, so that what is counted later can be compared.
            sections["native"] += ["waiting_min = %d" % self.waiting, "waiting_max = %d" % max(1, self.waiting)]
        if self.executor in ("rootless", "embedded"):
            missing = ["landlock", "private_uid"]
            if self.executor == "embedded" or not self.delegate or not ROOT:
                missing += ["cgroup_memory", "cgroup_pids", "cgroup_cpu"]
            sections["native"].append("allow_missing = { %s }" % ", ".join('"%s"' % m for m in missing))
        if self.executor != "embedded":
            sections["native"] += ['socket = "%s"' % self.path("native", "native.sock"), 'socket_mode = "0666"',
                                   'peers = { "%d", "%d" }' % (NOBODY, os.geteuid())]
        with open(self.path("conf", "sandgate.conf"), "w") as f:
            for name, lines in sections.items():
                lines = self.merged(lines, self.extra[name])
                f.write("\n".join(lines) + "\n" if not name else "%s {\n    %s\n}\n" % (name, "\n    ".join(lines)))

    def write_runtimes(self):
        """start=cold: nothing waits, whatever the shipped files say; another word is Python's."""
        for path in glob.glob(self.path("conf", "sandgate", "runtimes.d", "*.conf")) if self.start_kind != "template" else []:
            with open(path) as f:
                text = f.read()
            head, start, tail = text.partition("\nstart = ")
            if start:
                _, prepare, rest = tail.partition("\nprepare = '")
                tail = rest.partition("\n'\n")[2] if prepare else tail.partition("\n")[2]
                kind = self.start_kind if path.endswith("/python.conf") else "cold"
                with open(path, "w") as f:
                    f.write(head + "\nstart = %s\n" % kind + tail)

    @staticmethod
    def merged(lines, extra):
        """The test's lines replace ours of the same key."""
        extra = [line.strip() for line in extra.splitlines() if line.strip()]
        keys = {line.split("=", 1)[0].split("+")[0].strip() for line in extra}
        return [line for line in lines if line.split("=", 1)[0].strip() not in keys] + extra

    def delegate_cgroups(self):
        """What an operator of a v1 host does once: a subtree per controller that belongs to the service's user."""
        for names, mount, own in cgroup_mounts():
            wanted = not names or set(names.split(",")) & set(V1_CONTROLLERS)
            if wanted:
                top = os.path.join(mount, own.lstrip("/"), self.name)
                os.mkdir(top)
                self.delegated.append(top)
                for path in [top] + glob.glob(top + "/*"):
                    os.chown(path, self.executor_uid(), self.executor_uid())

    def spawn(self, name, command, env=None):
        log = open(self.path("log", name + ".log"), "ab")
        with log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                       env=env or self.environment(), start_new_session=True)
        self.processes[name] = process
        return process

    def environment(self):
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
                "SG_LAB_CONTROL": self.path("lab-control")}

    def as_user(self, uid):
        if not ROOT or uid == 0:
            return []
        return ["/usr/bin/setpriv", "--reuid=%d" % uid, "--regid=%d" % uid, "--clear-groups"]

    def start_executor(self):
        program = "sandgate-native-lab" if self.lab_build else "sandgate-native"
        command = self.as_user(self.executor_uid()) + [self.path("bin", program), "-c",
                                                       self.path("conf", "sandgate.conf")]
        if self.executor == "rootless-range":
            command = self.with_subids(command)
        self.spawn("executor", command)
        self.wait_socket(self.path("native", "native.sock"), "executor")

    def with_subids(self, command):
        """Runs command in a mount namespace whose /etc/subuid and /etc/subgid give `daemon` a range."""
        with open(self.path("conf", "subid"), "w") as f:
            f.write("daemon:%d:%d\n" % (self.id_base, self.id_count))
        script = 'mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid && shift && exec "$@"'
        return ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", script, "sh",
                self.path("conf", "subid")] + command

    def start_workers(self, name, count):
        sock = self.path("run", name + ".sock")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(sock)
        # -r: multiwatch gives a child up after three quick deaths, and ours are meant to be short-lived.
        command = ["/usr/bin/spawn-fcgi", "-n", "-s", sock, "-M", "0666"]
        if ROOT:
            command += ["-u", "nobody", "-g", "nogroup"]
        command += ["--", "/usr/bin/multiwatch", "-f", str(count), "-r", "1000000", "--",
                    self.path("bin", "sandgate-fcgi"), "-c", self.path("conf", "sandgate.conf")]
        self.spawn(name, command)
        self.wait_socket(sock, name)

    def start_fcgiwrap(self):
        """Plain CGI: one sandgate-fcgi per request. fcgiwrap takes its socket as descriptor 0 from spawn-fcgi."""
        sock = self.path("run", "fcgiwrap.socket")
        command = ["/usr/bin/spawn-fcgi", "-n", "-s", sock, "-M", "0666"]
        if ROOT:
            command += ["-u", "nobody", "-g", "nogroup"]
        self.spawn("workers", command + ["--", "/usr/sbin/fcgiwrap", "-c", str(self.workers)])
        self.wait_socket(sock, "workers")

    def start_nginx(self):
        for attempt in range(5):
            self.port = free_port()
            self.write_nginx()
            process = self.spawn("nginx", ["/usr/sbin/nginx", "-p", self.dir, "-e",
                                           self.path("run", "nginx-error.log"), "-c", self.path("conf", "nginx", "nginx.conf")])
            with contextlib.suppress(AssertionError):
                wait_until(lambda: process.poll() is not None or self.connects(), 5)
            if process.poll() is None:
                return
        raise self.error("nginx did not start")

    def write_nginx(self):
        os.makedirs(self.path("conf", "nginx"), exist_ok=True)
        shutil.copytree(os.path.join(SOURCE, "nginx-conf", "playground"), self.path("playground"), dirs_exist_ok=True)
        for path in glob.glob(os.path.join(SOURCE, "nginx-conf", "*.conf")):
            with open(path) as f:
                text = f.read()
            if os.path.basename(path) == "nginx.conf":
                text = text.replace("    server {\n", "    %s\n    server {\n" % self.nginx_extra["http"])
                text = text.replace("        location / {\n", "        %s\n        location / {\n" % self.nginx_extra["server"])
                if self.examples is not None:
                    text = text.replace("    server {\n", "    include /etc/sandgate/nginx/examples/*.conf;\n    server {\n", 1)
                if self.cgi:
                    text = text.replace("sandgate.conf;", "sandgate-cgi.conf;")
            self.write_nginx_file(os.path.basename(path), text)
        for path in glob.glob(os.path.join(SOURCE, "nginx-conf", "examples", "*.conf")) if self.examples is not None else []:
            with open(path) as f:
                text = f.read()
            for shipped, ours in self.examples.items():
                text = text.replace(shipped, ours)
            self.write_nginx_file(os.path.join("examples", os.path.basename(path)), text)

    def write_nginx_file(self, name, text):
        """As shipped, but for directories, sockets and the port."""
        text = text.replace("/usr/local/sbin/", self.path("bin") + "/")
        text = text.replace("/usr/local/share/sandgate/playground", self.path("playground"))
        text = text.replace("/etc/sandgate/sandgate.conf", self.path("conf", "sandgate.conf"))
        text = text.replace("/run/fcgiwrap.socket", self.path("run", "fcgiwrap.socket"))
        text = text.replace("/etc/sandgate/nginx", self.path("conf", "nginx"))
        text = text.replace("/run/sandgate", self.path("run"))
        text = text.replace("127.0.0.1:8080", "127.0.0.1:%d" % self.port)
        os.makedirs(os.path.dirname(self.path("conf", "nginx", name)), exist_ok=True)
        with open(self.path("conf", "nginx", name), "w") as f:
            f.write(text)

    def reload_nginx(self):
        """nginx reads its files again; its processes of before have gone then."""
        before = set(self.children("nginx"))
        os.kill(self.pid("nginx"), signal.SIGHUP)
        wait_until(lambda: not before & set(self.children("nginx")), 30, what="nginx's new processes")

    def wait_ready(self):
        end = time.monotonic() + 60
        answer = None
        while time.monotonic() < end:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise self.error("%s ended with %d" % (name, process.returncode))
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = self.get("/ready")
                if answer.status == 200 and (self.cgi or len(self.worker_pids()) >= self.workers):
                    return
            time.sleep(0.1)
        raise self.error("not ready after 60 s: %r" % answer)

    def wait_full(self):
        """Until as much is prepared ahead as shall be."""
        if self.warm:
            self.wait_warm()

    def wait_warm(self):
        """Until each template has what shall wait of it, and nothing more is being made."""
        end = time.monotonic() + 60

        def full():
            runtimes = self.get("/v1/runtimes").json
            templates = [t for r in runtimes for t in r["templates"]]
            done = all(t["state"] == "ready" and t["waiting"] >= self.waiting for t in templates)
            if not done and time.monotonic() > end:  # one that died is made again, a second later
                raise self.error("templates are not ready: %r" % templates)
            return templates if done else None

        templates = len(wait_until(full, 70, 0.05, "templates"))
        ahead = len([r for r in self.get("/v1/runtimes").json if r["start"] == "ahead"])
        # One to each template, to pid 1 of each box that waits, and to each clone in one.
        self.pool_sockets = templates + self.waiting * (2 * templates + ahead + 1)

        def started_ahead():
            answer = self.get("/metrics")
            figures = re.findall(r'(?m)^sandgate_boxes\{[^}]*state="ahead"[^}]*\} (\S+)$', answer.body.decode())
            return answer.status != 200 or sum(map(float, figures)) >= ahead * min(1, self.waiting)

        with contextlib.suppress(AssertionError):
            wait_until(started_ahead, 20, 0.05)
        with contextlib.suppress(AssertionError):  # templates that live for two seconds are never at rest
            self.rest(patience=6)

    def wait_socket(self, path, name):
        def there():
            if self.processes[name].poll() is not None:
                raise self.error("%s ended with %d" % (name, self.processes[name].returncode))
            with contextlib.suppress(OSError):
                return stat.S_ISSOCK(os.stat(path).st_mode)
            return False
        try:
            wait_until(there, 30, what=path)
        except AssertionError as e:
            raise self.error(str(e)) from None

    def connects(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False

    def error(self, text):
        parts = [text]
        for path in sorted(glob.glob(self.path("log", "*.log"))) + [self.path("run", "nginx-error.log")]:
            parts.append("--- %s\n%s" % (os.path.basename(path), tail(path)))
        return StackError("\n".join(parts))

    def stop(self, check=True):
        """SIGTERM to each of our own processes, then what is left of them is an error."""
        left = []
        everything = {pid: started(pid) for pid in descendants(*[p.pid for p in self.processes.values()])}
        for name in ("nginx", "workers", "status", "executor"):
            if name in self.processes:
                left += self.stop_process(name)
        for pid, since in everything.items():
            if since and self.still_ours(pid, since):
                left.append("process %d (%s)" % (pid, process_table().get(pid, ("", "", "?"))[2]))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        left += self.leftovers()
        log = self.error("").args[0] if left and self.dir else ""
        for top in reversed(self.delegated):
            remove_cgroup(top)
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)
        self.processes, self.delegated, self.dir = {}, [], None
        if check and left:
            raise StackError("left behind after stopping: %s\n%s" % ("; ".join(left), log))

    def stop_process(self, name, timeout=15):
        process = self.processes.pop(name)
        if self.cgi and name == "workers":  # fcgiwrap does not end its children; this group is theirs alone
            os.killpg(process.pid, signal.SIGTERM)
        elif process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return ["%s did not end in %d s after SIGTERM" % (name, timeout)]
        return []

    def still_ours(self, pid, since):
        """Gives a process some time to go: its parent may have been quicker, and not every init reaps at once."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            entry = process_table().get(pid)
            if entry is None or (entry[1] == "Z" and entry[0] == 1) or started(pid) != since:
                return False
            time.sleep(0.02)
        return True

    def leftovers(self):
        left = []
        if ROOT and self.executor != "embedded":
            for low, high in self.uid_ranges():
                left += ["process %d of a box's uid" % pid for pid in processes_of_uids(low, high)
                         if self.still_ours(pid, started(pid))]  # a zombie that only init can reap is init's
        for path in self.cgroup_dirs():
            if path not in self.delegated:
                left.append("cgroup " + path)
                remove_cgroup(path)
        return left

    def uid_ranges(self):
        ranges = [(self.id_base, self.id_base + self.id_count)]
        if self.executor == "rootless":
            ranges.append((self.service_uid, self.service_uid + 1))
        return ranges

    # -- parts

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def pid(self, name):
        """Of "executor" (its supervisor), "workers", "status" (their multiwatch), "nginx" (its master)."""
        return self.processes[name].pid

    def children(self, name, comm=None):
        """Processes below (pids), by name of the part; comm keeps those of that program."""
        table = process_table()
        return [p for p in descendants(self.pid(name)) if p != self.pid(name)
                and (comm is None or (p in table and table[p][2].startswith(comm[:15])))]

    def worker_pids(self):
        return self.children("workers", "sandgate-fcgi")

    def executor_child(self):
        """The working child of the executor's supervisor."""
        table = process_table()
        found = [p for p, (ppid, _, comm) in table.items()
                 if ppid == self.pid("executor") and comm.startswith("sandgate-nativ")]
        return found[0] if found else None

    def log(self, name="executor"):
        """Text of log/NAME.log (executor, workers, status, nginx), or run/nginx-access.log by "access"."""
        path = self.path("run", "nginx-access.log") if name == "access" else self.path("log", name + ".log")
        with open(path, errors="replace") as f:
            return f.read()

    def lab(self, off=None, fail=None):
        """For the runs that follow: layers (comma separated) to leave out, and a step to fail. None: neither."""
        text = ("off=%s\n" % off if off else "") + ("fail=%s\n" % fail if fail else "")
        with open(self.path("lab-control.new"), "w") as f:
            f.write(text)
        os.rename(self.path("lab-control.new"), self.path("lab-control"))

def remove_cgroup(top):
    for path, _, _ in os.walk(top, topdown=False):
        for _ in range(50):
            try:
                os.rmdir(path)
                break
            except FileNotFoundError:
                break
            except OSError:
                time.sleep(0.02)
