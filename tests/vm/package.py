"""The Debian package in the virtual machine, beside Debian's nginx: installed as the previous build, used over HTTPS, upgraded,
reloaded, restarted, removed, purged. Its units, users and directories take the place of those that the tests made."""

import base64
import contextlib
import glob
import http.client
import os
import pwd
import re
import shutil
import ssl
import subprocess

import kit
from kit import check, check_reason, command, equal, executors, read, wait_until, write
from programs import HELLO, HOG, MIB, NUMPY, SLEEP, SPIN, THREADS

HERE = os.path.dirname(os.path.abspath(__file__))
# Of forty workers, as many as an emulated machine can start at once: with all of them it stood still.
WORKERS = ["sandgate-fcgi@%d.service" % number for number in range(1, 9)]
MASKED = ["/etc/systemd/system/sandgate-fcgi@%d.service" % number for number in range(9, 41)]
STATUS = ["sandgate-status@%d.service" % number for number in (1, 2)]
UNITS = ["sandgate.target", "sandgate-native.service", "sandgate-fcgi.socket", "sandgate-status.socket", *WORKERS, *STATUS]
CGROUP = "/sys/fs/cgroup/sandgate.slice/sandgate-native.service"
CERTIFICATE, KEY, USERS = "/etc/nginx/sandgate.pem", "/etc/nginx/sandgate.key", "/etc/nginx/sandgate.users"
SITE = "/etc/nginx/conf.d/sandgate.conf"
SERVER = """
include /etc/sandgate/nginx/sandgate-upstream.conf;
include /etc/sandgate/nginx/sandgate-problems.conf;
server {
    listen 127.0.0.1:8444 ssl;
    server_name localhost;
    ssl_certificate %s;
    ssl_certificate_key %s;
    auth_basic sandgate;
    auth_basic_user_file %s;
    include /etc/sandgate/nginx/sandgate.conf;
}
""" % (CERTIFICATE, KEY, USERS)


class Anybody(kit.Client):
    """Of the server above, without credentials."""

    def connection(self):
        return http.client.HTTPSConnection("127.0.0.1", 8444, timeout=240, context=ssl.create_default_context(cafile=CERTIFICATE))


class Tester(Anybody):
    headers = {"Authorization": "Basic " + base64.b64encode(b"tester:secret").decode()}


anybody, web = Anybody(), Tester()


def clear():
    """Takes away what the payload and kit.prepare() put where the package puts its own."""
    command("userdel", "sandgate")
    for path in ("/etc/subuid", "/etc/subgid"):
        write(path, "")
    for path in ("/etc/sandgate", "/run/sandgate", "/usr/share/sandgate", "/usr/libexec/sandgate"):
        shutil.rmtree(path, ignore_errors=True)
    for pattern in ("/usr/bin/sandgate*", "/usr/sbin/sandgate-*", "/usr/lib/systemd/system/sandgate*", "/usr/lib/*.d/sandgate*"):
        for path in glob.glob(pattern):
            os.unlink(path)
    command("systemctl", "daemon-reload")


# ---- looking at it ------------------------------------------------------------------------------------------------


def what_is_going_on():
    return "\n".join([read("/run/dpkg.log")] + [command("timeout", "20", "sh", "-c", script, check=False) for script in (
        "ps -eo pid,ppid,stat,wchan:20,args | grep -v '\\[' | cut -c1-150", "systemctl list-jobs --no-pager",
        "systemctl status --no-pager -n 10 sandgate-native", "journalctl --no-pager -n 40")])


def dpkg(*words):
    """Its scripts wait for what they start and stop."""
    with open("/run/dpkg.log", "w") as log:
        process = subprocess.Popen(["dpkg", *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None, 300, "the end of dpkg " + words[0], every=1)
    except AssertionError as e:
        raise AssertionError("%s: %s" % (e, what_is_going_on())) from None
    equal(process.returncode, 0, "status of dpkg %s: %s" % (words[0], read("/run/dpkg.log")))


def deb(previous):
    (path,) = [path for path in glob.glob(os.path.join(HERE, "sandgate_*.deb")) if ("_0.0.9-1_" in path) == previous]
    return path


def version():
    return command("dpkg-query", "-W", "-f", "${Version}", "sandgate")


def states():
    return command("systemctl", "is-active", *UNITS, check=False).split()


def wait_active():
    """Workers follow the target, which does not wait for them."""
    try:
        wait_until(lambda: states() == ["active"] * len(UNITS), 180, "units that are active", every=1)
    except AssertionError as e:
        raise AssertionError("%s: %s" % (e, what_is_going_on())) from None


def main_pids(*units):
    return [int(pid) for pid in command("systemctl", "show", "-p", "MainPID", "--value", *units).split()]


def box_with(processes):
    """The box of the run that may have so many processes: what waits for a run has the default limits."""
    for box in glob.glob(CGROUP + "/sandgate/box-*"):
        with contextlib.suppress(OSError):  # it has just gone
            if read(box + "/pids.max").strip() == str(processes + 1):
                return box
    return None


def begin():
    """A request in flight, whose program runs when this returns."""
    run = web.background(SLEEP % 20 + '; print("done")', processes=6)
    wait_until(lambda: box_with(6), 60, "the box")
    return run


def check_answered(run):
    run.join(240)
    check(run.answer, "an answer of the run under way")
    equal((run.answer[0], run.answer[2].get("stdout")), (200, "done\n"), "a run under way: %s" % (run.answer,))


def protocol():
    """Of the messages that workers and executor speak: the previous build's is another."""
    status, _, figures = web.request("GET", "/metrics")
    equal(status, 200, "status of /metrics")
    return int(re.search(rb'protocol="(\d+)"', figures)[1])


def check_works():
    doc = web.run(NUMPY)
    equal((doc["success"], doc["stdout"]), (True, "3.0\n"), "result: %s" % doc)
    isolation = doc["isolation"]
    equal((sorted(isolation["cgroup"]), isolation["uid"], isolation["missing"]), (["cpu", "memory", "pids"], "private", []),
          "isolation")


def check_nothing_runs():
    equal(executors(), [], "executors")
    equal(command("ps", "-o", "args=", "-u", "sandgate,sandgate-web", check=False), "", "processes of the package's users")
    check(not kit.box_ids(), "nobody has a box's id", kit.box_ids())
    check(not os.path.exists("/sys/fs/cgroup/sandgate.slice"), "the slice's cgroup")


def port_80():
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", 80, timeout=60)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().status


# ---- the cases: each goes on where the one before it has ended ----------------------------------------------------


def install():
    """Installing starts the target, and workers follow it."""
    for path in MASKED:
        os.symlink("/dev/null", path)
    dpkg("--install", deb(previous=True))
    wait_active()
    equal(kit.uids(main_pids("sandgate-native")[0]), pwd.getpwnam("sandgate").pw_uid, "uid of the supervisor")
    equal(kit.uids(main_pids("sandgate-fcgi@1")[0]), pwd.getpwnam("sandgate-web").pw_uid, "uid of a worker")
    log = command("systemctl", "status", "--no-pager", "-n", "30", "sandgate-native", check=False)
    check("Status: \"ready\"" in log, "the service says that it is ready", log)


def package_main_job():
    """The same script as autopkgtest's and the booted container's."""
    log = command("/bin/sh", os.path.join(HERE, "main-job"))
    check(re.search(r'(?s)without credentials: .* 401\nwith credentials: .*"stdout":"3\.0\\n".* 200\n', log), "answers", log)
    equal(command("systemctl", "is-active", "nginx").strip(), "active", "Debian's nginx")


def package_site():
    """A server of our own with the snippet, which the cases below go through."""
    command("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", KEY, "-out", CERTIFICATE)
    write(USERS, "tester:%s\n" % command("openssl", "passwd", "-apr1", "secret").strip())
    write(SITE, SERVER)
    command("nginx", "-t", "-q")
    command("systemctl", "reload", "nginx")
    web.wait_ready()
    equal(anybody.post(HELLO)[0], 401, "without credentials")
    check_works()


def package_upgrade():
    before, old = protocol(), main_pids("sandgate-native", "sandgate-fcgi@1", "sandgate-status@1")
    ranges = read("/etc/subuid")
    equal(version(), "0.0.9-1", "the version before")
    run = begin()
    dpkg("--install", deb(previous=False))
    check_answered(run)
    wait_active()
    web.wait_ready()
    check(version() != "0.0.9-1", "the version after", version())
    equal(protocol(), before + 1, "the messages' version after")
    new = main_pids("sandgate-native", "sandgate-fcgi@1", "sandgate-status@1")
    check(0 not in new and not set(old) & set(new), "everything was restarted", old, new)
    equal(read("/etc/subuid"), ranges, "the range of ids")
    check_works()


def package_limits():
    """Memory, processes and CPU, as the kernel's own counts have them, below the unit's delegated cgroup."""
    equal(kit.uids(main_pids("sandgate-native")[0]), pwd.getpwnam("sandgate").pw_uid, "uid of the supervisor")
    run = web.background(SLEEP % 300, memory_bytes=64 * MIB, processes=7, cpu_percent=40, wall_time_ms=15000)
    box = wait_until(lambda: box_with(7), 60, "the box")
    equal((read(box + "/memory.max").strip(), read(box + "/cpu.max").strip()), (str(64 * MIB), "40000 100000"), "limits of the box")
    run.join(120)
    doc = web.run(HOG, memory_bytes=64 * MIB)
    check_reason(doc, "memory")
    check(60 * MIB < doc["resource_usage"]["memory_peak_bytes"] <= 64 * MIB, "peak", doc["resource_usage"])
    check_reason(web.run(THREADS % False, processes=8), "processes")
    doc = web.run(SPIN % 10, cpu_percent=20)
    usage = doc["resource_usage"]
    share = (usage["cpu_user_ms"] + usage["cpu_system_ms"]) / usage["wall_time_ms"]
    check(0.12 < share < 0.26, "share of a CPU with 20 %", share)
    equal(states(), ["active"] * len(UNITS), "the service after the kernel has killed in a box")


def package_reload():
    wait_active()
    executor, old = main_pids("sandgate-native"), main_pids(*WORKERS, *STATUS)
    run = begin()
    command("systemctl", "reload", *WORKERS, *STATUS)
    check_answered(run)
    wait_until(lambda: not {0, *old} & set(main_pids(*WORKERS, *STATUS)), 120, "workers that were replaced", every=1)
    wait_active()
    equal(main_pids("sandgate-native"), executor, "the executor, which stays")
    web.wait_ready()
    equal(web.run(HELLO)["stdout"], "hello\n", "the next request")


def package_restart():
    old = main_pids("sandgate-native", *WORKERS, *STATUS)
    run = begin()
    command("systemctl", "restart", "sandgate.target")
    check_answered(run)
    wait_active()
    check(not {0, *old} & set(main_pids("sandgate-native", *WORKERS, *STATUS)), "everything was restarted")
    web.wait_ready()
    equal(web.run(HELLO)["stdout"], "hello\n", "the next request")


def package_remove():
    """Configuration, users and ids stay, as policy has it, and nginx goes on."""
    dpkg("--remove", "sandgate")
    check_nothing_runs()
    check("active" not in states(), "units", states())
    left = glob.glob("/usr/sbin/sandgate-*") + glob.glob("/usr/bin/sandgate") + glob.glob("/usr/lib/systemd/system/sandgate*")
    equal(left, [], "programs and units")
    check(os.path.exists("/etc/sandgate/sandgate.conf"), "configuration")
    check(all(re.fullmatch(r"sandgate:\d+:65536\n", read("/etc/sub" + kind)) for kind in ("uid", "gid")), "ranges of ids")
    status, _, problem = web.post(HELLO)
    equal((status, problem.get("code")), (502, "worker_unreachable"), "what nginx answers")
    equal((command("systemctl", "is-active", "nginx").strip(), port_80()), ("active", 200), "Debian's nginx")


def package_purge():
    for path in (SITE, USERS, CERTIFICATE, KEY):
        os.unlink(path)
    command("nginx", "-t", "-q")
    command("systemctl", "reload", "nginx")
    dpkg("--purge", "sandgate")
    check_nothing_runs()
    equal(read("/etc/subuid") + read("/etc/subgid"), "", "ranges of ids")
    places = ("/etc/sandgate", "/run/sandgate", "/usr/share/sandgate", "/usr/libexec/sandgate", "/var/lib/sandgate")
    equal([path for path in places if os.path.exists(path)], [], "directories")
    equal(glob.glob("/etc/systemd/system/*.wants/sandgate*"), [], "what was enabled")
    equal({pwd.getpwnam(name).pw_shell for name in ("sandgate", "sandgate-web")}, {"/usr/sbin/nologin"}, "users, which stay")
    equal(command("dpkg-query", "-W", "-f", "${Status}", "sandgate", check=False).find("ok installed"), -1, "what dpkg knows")
    equal((command("systemctl", "is-active", "nginx").strip(), port_80()), ("active", 200), "Debian's nginx")


CASES = [
    (package_main_job, "the Debian package: autopkgtest's main job: snippet in Debian's nginx.service, HTTPS, basic authentication, NumPy"),
    (package_site, "the Debian package: a server of our own: 401 without credentials, with them NumPy, cgroup memory, cpu, pids, uid "
                   "private, nothing missing"),
    (package_upgrade, "the Debian package: upgraded from the previous build, the run under way is answered, everything is new"),
    (package_limits, "the Debian package: limits of memory, processes and CPU hold, the executor an ordinary user"),
    (package_reload, "the Debian package: workers reloaded, the run under way is answered, the executor stays"),
    (package_restart, "the Debian package: restart of everything, the run under way is answered"),
    (package_remove, "the Debian package: removed, nothing runs, configuration, users and ids stay, nginx answers 502"),
    (package_purge, "the Debian package: purged, no process, no cgroup, no range, no directory; Debian's nginx goes on"),
]
