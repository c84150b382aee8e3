"""`sandgate doctor` on the stack as it is, and on worlds in which one thing is wrong."""

import json
import os
import pty
import re
import shutil
import socket
import subprocess
import threading

import pytest

from stack import NOBODY, ROOT, SOURCE

OK, FOUND, USAGE = 0, 1, 2
STATES = ["ok", "skipped", "unknown", "warning", "error"]


class Doctor:
    """Asks with the stack's configuration, or another one; gives the report as JSON."""

    def __init__(self, stack, directory):
        self.stack, self.dir = stack, directory
        self.config = stack.path("conf", "sandgate.conf")

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)
        return self.path(name)

    def edited(self, *edits):
        """The stack's configuration with (pattern, text) replaced; each must be there."""
        with open(self.config) as f:
            text = f.read()
        for pattern, new in edits:
            text, n = re.subn(pattern, new, text, count=1, flags=re.S)
            assert n == 1, pattern
        return self.write("edited.conf", text)

    def run(self, *args, config=None, prefix=(), **kw):
        command = [*prefix, self.stack.path("bin", "sandgate"), "doctor", "-c", config or self.config, *args]
        return subprocess.run(command, env={"PATH": "/usr/bin:/bin"}, capture_output=True, timeout=180, **kw)

    def nginx(self):
        return self.stack.path("conf", "nginx", "nginx.conf")

    def report(self, *args, **kw):
        args = args if "--nginx" in args or "--root" in args else ("--nginx", self.nginx(), *args)
        done = self.run("--json", *args, **kw)
        assert b"sandgate: " not in done.stderr, done.stderr  # a private executor may log
        doc = json.loads(done.stdout)
        assert doc.keys() == {"version", "status", "summary", "checks"}
        assert doc["summary"] == {s: len([c for c in doc["checks"] if c["status"] == s]) for s in STATES}
        for check in doc["checks"]:
            assert check.keys() == {"check", "status", "text", "fix"} and check["text"], check
            assert check["fix"] or check["status"] not in ("warning", "error"), check
        assert done.returncode == (FOUND if doc["summary"]["error"] else OK)
        worst = next((s for s in ("error", "warning") if doc["summary"][s]), "ok")
        assert doc["status"] == worst
        return doc["checks"]


def of(checks, name):
    found = [c for c in checks if c["check"] == name]
    assert found, name
    return found


def has(checks, name, status, said, fix=""):
    assert [c for c in of(checks, name) if c["status"] == status and said in c["text"] and fix in (c["fix"] or "")], of(checks, name)


@pytest.fixture
def doctor(stack, tmp_path):
    for parent in (p for p in (tmp_path, *tmp_path.parents) if "pytest-of-" in str(p)):
        os.chmod(parent, 0o755)
    return Doctor(stack, str(tmp_path))


def test_a_host_that_works(doctor):
    checks = doctor.report()
    for name in ("config.file", "config.rights", "config.runtimes", "config.rules", "config.executor", "config.metrics", "kernel.version",
                 "kernel.namespaces", "kernel.calls", "kernel.notification", "kernel.proc", "userns.try", "service.socket",
                 "service.executor", "service.runtimes", "nginx.test", "nginx.include", "nginx.body", "nginx.timeout", "nginx.buffers",
                 "nginx.params", "nginx.guard"):
        assert {c["status"] for c in of(checks, name)} == {"ok"}, of(checks, name)
    if ROOT:  # else nginx has no other user
        has(checks, "nginx.sockets", "ok", "nginx's user nobody may connect to 2 sockets")
    # Descriptors of workers, by which those for runs are known without units, are root's to see.
    has(checks, "service.workers", "ok" if ROOT else "unknown",
        "%d workers" % (doctor.stack.workers if ROOT else doctor.stack.workers + 2))
    if ROOT:
        has(checks, "service.workers", "ok", "2 for status requests")
    has(checks, "service.runtimes", "ok", "numpy ")
    has(checks, "service.executor", "ok", "%d slots" % doctor.stack.slots)
    has(checks, "docker.engine", "skipped", "not configured")
    missing = doctor.stack.run("1")["isolation"]["missing"]
    said = {c["text"].rsplit(" ", 1)[1] for c in of(checks, "service.layers") if c["status"] == "warning"}
    assert said == set(missing)


def test_text_is_the_same_report(doctor):
    done = doctor.run("--nginx", doctor.nginx())
    text = done.stdout.decode()
    assert done.returncode in (OK, FOUND) and done.stderr == b"" and "\033" not in text
    names = re.findall(r"^(\w+\.\w+) +(%s)  *\S" % "|".join(STATES), text, re.M)
    assert {n for n, _ in names} == {c["check"] for c in doctor.report()}
    assert re.search(r"\n\d+ ok, \d+ skipped, \d+ unknown, \d+ warning, \d+ error\n$", text)
    quiet = doctor.run("--quiet", "--nginx", doctor.nginx()).stdout.decode()
    assert not re.search(r"^\S+ +(ok|skipped|unknown) ", quiet, re.M)


@pytest.mark.parametrize("environment, coloured", [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals(doctor, environment, coloured):
    ours, theirs = pty.openpty()
    config = doctor.write("broken.conf", "nonsense = 1\n")
    with subprocess.Popen([doctor.stack.path("bin", "sandgate"), "doctor", "-c", config, "--root", doctor.dir], stdout=theirs,
                          stdin=subprocess.DEVNULL, env=environment) as process:
        os.close(theirs)
        said = b""
        while b"error\r\n" not in said:
            said += os.read(ours, 65536)
        process.wait(60)
    os.close(ours)
    assert (b"\033[31m" in said) == coloured, said


@pytest.mark.parametrize("args, said", [
    (["all"], b"takes no all"),
    (["--frobnicate"], b"frobnicate"),
    (["--root", "/nonexistent"], b"--root /nonexistent: No such file"),
])
def test_wrong_usage_of_doctor(doctor, args, said):
    done = doctor.run(*args)
    assert (done.returncode, done.stdout) == (USAGE, b"") and said in done.stderr, done


def test_broken_configuration(doctor):
    """Nothing that depends on it is guessed."""
    checks = doctor.report(config=doctor.write("broken.conf", "native {\n    slots = many\n}\n"))
    has(checks, "config.file", "error", "broken.conf:2: native.slots", "sandgate.conf(5)")
    for name in ("config.rights", "service.executor", "nginx.timeout"):
        has(checks, name, "unknown", "the configuration cannot be read")
    assert of(checks, "nginx.params")[0]["status"] == "ok"
    has(doctor.report(config="/nonexistent.conf"), "config.file", "error", "/nonexistent.conf")


def test_configuration_that_others_may_change(doctor):
    shutil.copytree(doctor.stack.path("conf", "sandgate", "policies.d"), doctor.path("policies"))
    os.chmod(doctor.path("policies", "strict.conf"), 0o666)
    checks = doctor.report(config=doctor.edited((r"policy_dir = [^\n]*", 'policy_dir = "%s"' % doctor.path("policies"))))
    has(checks, "config.rights", "error", "strict.conf: every user may write", "chmod o-w")


def with_policies(doctor):
    """A configuration whose policies are a copy of the stack's."""
    shutil.copytree(doctor.stack.path("conf", "sandgate", "policies.d"), doctor.path("way", "policies"))
    return doctor.edited((r"policy_dir = [^\n]*", 'policy_dir = "%s"' % doctor.path("way", "policies")))


def test_configuration_that_a_group_may_change(doctor):
    """Root's own group, which nobody else is in, may."""
    config, path = with_policies(doctor), doctor.path("way", "policies", "strict.conf")
    os.chmod(path, 0o664)
    has(doctor.report(config=config), "config.rights", "ok" if os.stat(path).st_gid == 0 else "warning", "")
    if ROOT:
        os.chown(path, 0, 65534)
        has(doctor.report(config=config), "config.rights", "warning", "strict.conf: the group nogroup may write", "chmod g-w")


@pytest.mark.parametrize("where", [("way", "policies"), ("way",)])
def test_directories_that_others_may_change(doctor, where):
    """Who can write to one puts another file there, whatever the rights of the files; where it is sticky he cannot replace it."""
    config = with_policies(doctor)
    os.chmod(doctor.path(*where), 0o777)
    (found,) = of(doctor.report(config=config), "config.rights")
    assert (found["status"], found["fix"]) == ("error", "chmod o-w " + os.path.realpath(doctor.path(*where))), found
    os.chmod(doctor.path("way"), 0o1777)
    os.chmod(doctor.path("way", "policies"), 0o755)
    has(doctor.report(config=config), "config.rights", "ok", "nobody else")


def test_configuration_that_cannot_be_seen_is_not_in_order(doctor):
    config = with_policies(doctor)
    os.chmod(doctor.path("way"), 0o700)
    prefix = doctor.stack.as_user(NOBODY) if ROOT else ()
    if not ROOT:
        os.chmod(doctor.path("way"), 0)
    try:
        has(doctor.report(config=config, prefix=prefix), "config.rights", "unknown", "Permission denied", "ask as root")
    finally:
        os.chmod(doctor.path("way"), 0o755)


def test_directory_of_metrics_that_workers_may_not_write_to(doctor):
    if not ROOT:
        pytest.skip("the directory is this user's, who is the workers'")
    os.mkdir(doctor.path("metrics"))
    config = doctor.edited((r'metrics = "[^"]*"', 'metrics = "%s"' % doctor.path("metrics", "file")))
    has(doctor.report(config=config), "config.metrics", "warning", "may write to " + doctor.path("metrics"), "chown")
    os.chown(doctor.path("metrics"), NOBODY, -1)
    has(doctor.report(config=config), "config.metrics", "ok", "is there")


def test_socket_of_workers_that_is_closed_to_nginx(doctor):
    """What is to be done outlasts the next start of the workers."""
    if not ROOT:
        pytest.skip("nginx has no other user")
    place = os.path.join("/tmp", "sgd-%d" % os.getpid())
    os.mkdir(place)
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(place + "/w.sock")
            os.chmod(place + "/w.sock", 0o660)
            text = re.sub(r"unix:\S*workers\.sock", "unix:%s/w.sock" % place, dumped(doctor))
            checks = doctor.report("--nginx", "-", input=text.encode())
    finally:
        shutil.rmtree(place)
    has(checks, "nginx.sockets", "error", "w.sock is closed to it", "spawn-fcgi -s %s/w.sock -M 0660 -G nogroup" % place)


@pytest.mark.parametrize("group, status", [("", "error"), (" daemon", "ok")])
def test_group_that_nginx_names_with_its_user(doctor, group, status):
    """It is what nginx's workers are in, in place of their user's own one."""
    if not ROOT:
        pytest.skip("nginx has no other user")
    place = os.path.join("/tmp", "sgd-%d" % os.getpid())
    os.mkdir(place)
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(place + "/w.sock")
            s.listen(8)
            os.chmod(place, 0o755)
            os.chmod(place + "/w.sock", 0o660)
            shutil.chown(place + "/w.sock", group="daemon")
            text = re.sub(r"unix:\S*\.sock", "unix:%s/w.sock" % place, dumped(doctor))
            checks = doctor.report("--nginx", "-", input=("user nobody%s;\n" % group).join(re.split(r"(?<=:\n)", text, maxsplit=1)).encode())
    finally:
        shutil.rmtree(place)
    assert {one["status"] for one in of(checks, "nginx.sockets")} == {status}, of(checks, "nginx.sockets")


@pytest.mark.parametrize("what, said", [("file", "it is no socket"), ("socket", "Connection refused")])
def test_socket_of_workers_that_nobody_listens_at(doctor, what, said):
    """Open to everybody, and nobody behind it: a file that lies there, what a killed process has left."""
    place = os.path.join("/tmp", "sgd-%d" % os.getpid())
    os.mkdir(place)
    try:
        if what == "socket":
            with socket.socket(socket.AF_UNIX) as s:
                s.bind(place + "/w.sock")
        else:
            with open(place + "/w.sock", "w"):
                pass
        os.chmod(place + "/w.sock", 0o666)
        os.chmod(place, 0o755)
        text = re.sub(r"unix:\S*workers\.sock", "unix:%s/w.sock" % place, dumped(doctor))
        (found,) = of(doctor.report("--nginx", "-", input=text.encode()), "nginx.sockets")
    finally:
        shutil.rmtree(place)
    assert found["status"] == "error" and "no workers listen at %s/w.sock" % place in found["text"] and said in found["text"], found
    assert "spawn-fcgi -s %s/w.sock" % place in found["fix"], found


def test_profile_that_is_broken(doctor):
    shutil.copytree(doctor.stack.path("conf", "sandgate", "profiles"), doctor.path("profiles"))
    doctor.write("profiles/python.json", "{")
    checks = doctor.report(config=doctor.edited((r"profile_dir = [^\n]*", 'profile_dir = "%s"' % doctor.path("profiles"))))
    has(checks, "config.executor", "error", "python.json")
    with open(doctor.path("edited.conf")) as f:
        text = re.sub(r'log_target = "stderr"', "log_target = syslog", f.read())
    has(doctor.report(config=doctor.write("syslog.conf", text)), "config.executor", "error", "in syslog")


def test_socket_that_is_not_there_or_is_closed(doctor, monkeypatch):
    native = r'\bsocket = "[^"]*"'
    checks = doctor.report(config=doctor.edited((native, 'socket = "%s"' % doctor.path("away.sock"))))
    has(checks, "service.socket", "error", "does the executor run", "systemctl start sandgate-native")
    has(checks, "service.executor", "error", "away.sock", "start sandgate-native")
    has(checks, "service.layers", "unknown", "does not answer")
    os.mkdir(doctor.path("closed"), 0o700)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        monkeypatch.chdir(doctor.dir)  # a socket's path is short
        s.bind("closed/s")
        s.listen(0)
        short = os.path.join("/proc/%d/cwd" % os.getpid(), "closed/s")
        checks = doctor.report(config=doctor.edited((native, 'socket = "%s"' % short), (r"peers = [^\n]*", "peers = { 65534, no-such-user }")))
    has(checks, "service.socket", "error", "names no-such-user")
    if ROOT:
        has(checks, "service.socket", "error", "may not connect to the executor")


def test_private_executor_and_languages_that_are_not_there(doctor):
    os.mkdir(doctor.path("runtimes"))
    for name, more in (("gone", "optional = on\n"), ("lost", "")):
        doctor.write("runtimes/%s.conf" % name, 'language = {0}\nextensions = {{ {0} }}\nentry = main.{0}\nprofile = generic\nprobe = "x"\n'
                     'command = {{ "/usr/bin/no-such-{0}", "{{file}}" }}\n'.format(name) + more)
    with open(doctor.config) as f:
        text = re.sub(r"\n *allow_missing = [^\n]*", "", f.read())
    text = text.replace("native {\n", "native {\nallow_missing = { landlock, private_uid, cgroup_memory, cgroup_pids, cgroup_cpu }\n")
    text = re.sub(r'\bsocket = "[^"]*"', 'socket = ""', text)
    config = doctor.write("private.conf", re.sub(r"runtime_dir = [^\n]*", 'runtime_dir = "%s"' % doctor.path("runtimes"), text))
    checks = doctor.report(config=config)
    has(checks, "service.socket", "warning", "private executor", 'socket = "/run/sandgate/native/native.sock" peers = {')
    has(checks, "service.workers", "skipped", "of its own")
    has(checks, "service.executor", "error", "not ready", "runtimes --check")
    has(checks, "service.runtimes", "skipped", "gone is left out: there is no /usr/bin/no-such-gone")
    has(checks, "service.runtimes", "error", "lost: its trial run has not passed")
    has(checks, "service.layers", "unknown", "no language is ready")


# Of each: what is made of nginx's configuration, and what is to be said of it.
WRONG = [
    (r"client_max_body_size \w+", "client_max_body_size 1m", "nginx.body", "warning", "413", "client_max_body_size 4m;"),
    (r"fastcgi_read_timeout 180s", "fastcgi_read_timeout 1m", "nginx.timeout", "warning", "a request may take 130 s", "fastcgi_read_timeout 150s;"),
    (r"fastcgi_request_buffering on", "fastcgi_request_buffering off", "nginx.buffers", "warning", "while it sends", "fastcgi_request_buffering on;"),
    (r"fastcgi_ignore_client_abort off", "fastcgi_ignore_client_abort on", "nginx.buffers", "warning", "go on", "client_abort off;"),
    (r"fastcgi_buffering on;", "fastcgi_ignore_headers X-Accel-Buffering;", "nginx.buffers", "warning", "at its end", "take X-Accel"),
    (r"fastcgi_param (SANDGATE_CLIENT|REMOTE_ADDR) [^;]*;", "", "nginx.params", "warning", "CLIENT is not sent, nor REMOTE_ADDR: all clients have one turn",
     "sandgate-fastcgi.conf"),
    (r"fastcgi_param REQUEST_METHOD [^;]*;", "", "nginx.params", "error", "REQUEST_METHOD is not sent", "sandgate-fastcgi.conf"),
    (r"listen 127\.0\.0\.1:", "listen ", "nginx.guard", "warning", "everybody", "limit_req"),
    (r"workers\.sock", "nowhere.sock", "nginx.sockets", "error", "no workers listen", "systemctl start"),
]


def dumped(doctor):
    return subprocess.run(["/usr/sbin/nginx", "-T", "-q", "-p", doctor.stack.dir, "-e", doctor.path("e"), "-c", doctor.nginx()],
                          capture_output=True, check=True).stdout.decode()


def test_nginx_in_which_much_is_wrong(doctor):
    text = dumped(doctor)
    for old, new, *_ in WRONG:
        text, n = re.subn(old, new, text)
        assert n > 0, old
    checks = doctor.report("--nginx", "-", input=text.encode())
    for _, _, check, status, said, fix in WRONG:
        has(checks, check, status, said, fix)


@pytest.mark.parametrize("server, location, status", [
    ("allow 192.0.2.0/24; deny all;", "", "ok"),
    ("deny all;", "allow all;", "warning"),
    ("", "deny 192.0.2.66;", "warning"),
    ("if ($http_user_agent ~ bad) { return 403; }", "", "warning"),
    ('if ($http_user_agent != "") { return 403; }', "", "warning"),
    ("", 'if ($stranger) { return 401; }', "ok"),
])
def test_doors_of_nginx(doctor, server, location, status):
    """Bounded is what lets nobody in who is not named."""
    text = doctor.write("doors.conf", "events {} http { geo $stranger { default 1; 192.0.2.0/24 0; } server { listen 80; %s "
                        "location /v1/ { %s fastcgi_pass unix:/run/sandgate/workers.sock; } } }\n" % (server, location))
    (found,) = of(doctor.report("--root", doctor.dir, "--nginx", text), "nginx.guard")
    assert found["status"] == status and ("everybody" in found["text"]) == (status == "warning"), found


def test_nginx_that_cannot_be_read(doctor):
    text = dumped(doctor).replace("events {", "events {{")
    checks = doctor.report("--nginx", "-", input=text.encode())
    has(checks, "nginx.test", "error", "nginx.conf:", "nginx -t")
    has(checks, "nginx.body", "unknown", "nginx's configuration cannot be read")
    has(doctor.report("--nginx", "/nonexistent/nginx.conf"), "nginx.test", "error", "/nonexistent/nginx.conf")


def test_nginx_without_sandgate(doctor):
    plain = doctor.write("plain.conf", "events {}\nhttp { server { listen 80; location / { fastcgi_pass php; } } }\n")
    checks = doctor.report("--nginx", plain)
    has(checks, "nginx.include", "error", "no location", "include ")
    has(checks, "nginx.timeout", "skipped", "no location")


def test_turns_by_address(doctor):
    """Workers take REMOTE_ADDR where nobody names the client."""
    text = re.sub(r"fastcgi_param SANDGATE_CLIENT [^;]*;", "", dumped(doctor))
    (found,) = of(doctor.report("--root", doctor.dir, "--nginx", "-", input=text.encode()), "nginx.params")
    assert found["status"] == "ok", found


def test_shipped_nginx_files_are_fine(doctor):
    """As they are in the source tree, read from the disk; only their folder differs."""
    for name in os.listdir(os.path.join(SOURCE, "nginx-conf")):
        if name.endswith(".conf"):
            with open(os.path.join(SOURCE, "nginx-conf", name)) as f:
                doctor.write(name, f.read().replace("/etc/sandgate/nginx", doctor.dir))
    for main in ("sandgate.conf", "sandgate-cgi.conf"):
        with open(doctor.path("nginx.conf")) as f:
            text = f.read().replace("/sandgate.conf;", "/%s;" % main)
        checks = doctor.report("--nginx", doctor.write("main.conf", text))
        for name in ("nginx.include", "nginx.body", "nginx.timeout", "nginx.buffers", "nginx.params"):
            assert [c["status"] for c in of(checks, name)] == ["ok"], of(checks, name)


def test_workers_for_the_runs_of_both_engines(doctor):
    """The second executor takes as many: here it is the first one once more. No worker runs with that configuration."""
    with open(doctor.config) as f:
        text = f.read()
    text += 'docker {\n    socket = "%s"\n}\n' % doctor.stack.path("native", "native.sock")
    takes = []
    for engines, native in (("docker", ""), ("native, docker", doctor.stack.path("native", "native.sock"))):
        config = re.sub(r'(native \{.*?)socket = "[^"]*"', r'\1socket = "%s"' % native, text, count=1, flags=re.S)
        config = config.replace("worker {\n", "worker {\n    engines = { %s }\n" % engines, 1)
        (found,) = of(doctor.report(config=doctor.write("both.conf", config)), "service.workers")
        assert found["status"] == "warning" and "0 workers for runs" in found["text"], found
        takes.append([int(n) for n in re.search(r"takes? (\d+) \((\d+) slots, (\d+) in the queues?\)", found["text"]).groups()])
    assert takes[0][1] == doctor.stack.slots and takes[1] == [2 * n for n in takes[0]], takes


@pytest.mark.needs_root
def test_what_an_ordinary_user_sees(doctor):
    prefix = doctor.stack.as_user(NOBODY)
    checks = doctor.report(prefix=prefix)
    for name in ("config.file", "userns.try", "service.executor"):
        assert [c["status"] for c in of(checks, name)] == ["ok"], of(checks, name)
    os.chmod(doctor.edited(), 0o600)
    checks = doctor.report(prefix=prefix, config=doctor.path("edited.conf"))
    has(checks, "config.file", "unknown", "edited.conf", "ask as root")
    # A stranger: neither root nor a peer.
    checks = doctor.report(prefix=doctor.stack.as_user(doctor.stack.service_uid + 1))
    assert of(checks, "service.executor")[0]["status"] in ("unknown", "error")


def test_another_root(doctor):
    os.makedirs(doctor.path("proc", "sys", "kernel"))
    doctor.write("proc/sys/kernel/osrelease", "4.19.0\n")
    checks = doctor.report("--root", doctor.dir)
    has(checks, "kernel.version", "error", "Linux 4.19.0 is too old")
    has(checks, "kernel.calls", "unknown", "--root")
    has(checks, "nginx.test", "unknown", "--nginx")
    assert {c["check"] for c in checks if c["status"] == "ok"} <= {"userns.sysctl", "userns.apparmor", "host.swap"}, checks  # which it has not


def test_an_empty_directory_has_nothing_in_order(doctor):
    """Its own configuration is looked for, not this machine's; and nothing that runs here is asked."""
    checks = json.loads(subprocess.run([doctor.stack.path("bin", "sandgate"), "doctor", "--json", "--root", doctor.dir], env={},
                                       capture_output=True, timeout=60).stdout)["checks"]
    assert {c["status"] for c in checks} <= {"unknown", "skipped"}, checks
    has(checks, "config.file", "unknown", "No such file")


def test_configuration_of_another_root(doctor):
    """It, and what it names, is read below that directory, links of that system too; its rights are looked at there."""
    conf = doctor.path("srv", "sandgate")
    shutil.copytree(doctor.stack.path("conf", "sandgate"), conf)
    os.makedirs(doctor.path("etc"))
    os.symlink("/srv/sandgate", doctor.path("etc", "sandgate"))
    names = [("runtime_dir", "runtimes.d"), ("profile_dir", "profiles"), ("rules_dir", "rules"), ("policy_dir", "policies.d")]
    config = doctor.edited(*((r"%s = [^\n]*" % key, '%s = "/etc/sandgate/%s"' % (key, name)) for key, name in names))
    checks = doctor.report("--root", doctor.dir, config=config)
    for name in ("config.file", "config.rights", "config.runtimes", "config.rules"):
        assert [c["status"] for c in of(checks, name)] == ["ok"], of(checks, name)
    has(checks, "config.runtimes", "ok", os.path.realpath(conf) + "/runtimes.d: ")
    for name in ("config.executor", "config.metrics", "service.socket", "service.executor", "service.ids", "service.workers", "nginx.sockets"):
        has(checks, name, "unknown", "nothing that runs here is asked")
    os.chmod(os.path.join(conf, "policies.d", "strict.conf"), 0o666)
    has(doctor.report("--root", doctor.dir, config=config), "config.rights", "error", "strict.conf: every user")
    shutil.rmtree(os.path.join(conf, "rules"))
    has(doctor.report("--root", doctor.dir, config=config), "config.file", "error", "names /etc/sandgate/rules, below that directory")


class Engine(threading.Thread):
    """Answers each connection with one document."""

    def __init__(self, path, document):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(4)
        self.document = document
        self.start()

    def run(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            with s:
                s.recv(4096)
                s.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + self.document)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.mark.parametrize("document, status, said", [
    (b'{"Version": "20.10.24", "ApiVersion": "1.41"}', "ok", "Engine 20.10.24, API 1.41"),
    (b'{"Version": "19.3", "ApiVersion": "1.40"}', "error", "too old"),
    (b"<html>", "error", "no Docker Engine"),
])
def test_docker_engines(doctor, document, status, said):
    place = os.path.join("/tmp", "sgd-%d" % os.getpid())  # pytest's own are too long for sockets
    os.mkdir(place)
    engine = Engine(place + "/engine.sock", document)
    os.chmod(place + "/engine.sock", 0o666)
    try:
        with open(doctor.config) as f:
            text = f.read() + 'docker {\n    socket = "%s"\n    engine_socket = "%s"\n}\n' % (place + "/docker.sock", place + "/engine.sock")
        checks = doctor.report(config=doctor.write("docker.conf", text))
    finally:
        engine.stop()
        shutil.rmtree(place)
    has(checks, "docker.engine", status, said)
    has(checks, "docker.socket", "error", "every user root", "chmod 0660")
    has(checks, "docker.executor", "error", "docker.sock", "start sandgate-docker")


@pytest.mark.parametrize("mode, peers, status, said, fix", [
    (0o755, "{}", "warning", "docker.peers is empty: only root and the executor's own user may connect", "docker.peers = { WORKERS-USER }"),
    (0o755, "{ no-such-user }", "error", "docker.peers names no-such-user", "name the user"),
    (0o755, "{ nobody }", "ok", "its peers may connect", ""),
    pytest.param(0o750, "{ nobody }", "error", "nobody may not connect to the executor", "usermod -aG daemon nobody", marks=pytest.mark.needs_root),
    pytest.param(0o700, "{ nobody }", "error", "nobody may not connect to the executor", "chmod o+x ", marks=pytest.mark.needs_root),
])
def test_socket_of_the_second_executor(doctor, mode, peers, status, said, fix):
    """Root, who asks here, is let in always; the workers are not."""
    place = os.path.join("/tmp", "sgd-%d" % os.getpid())
    os.mkdir(place)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.bind(place + "/docker.sock")
            s.listen(8)
            os.chmod(place + "/docker.sock", 0o666)
            os.chmod(place, mode)
            if ROOT:
                shutil.chown(place, "root", "daemon")
            with open(doctor.config) as f:
                text = f.read() + 'docker {\n    socket = "%s/docker.sock"\n    peers = %s\n}\n' % (place, peers)
            checks = doctor.report(config=doctor.write("docker.conf", text))
    finally:
        shutil.rmtree(place)
    assert len(of(checks, "docker.peers")) == 1
    has(checks, "docker.peers", status, said, fix)
