"""The Debian package in a booted container, next to Debian's nginx: installed, used, upgraded, reloaded, removed, purged.

These tests are one story: each goes on where the one before it has ended. The story takes two minutes; the packages and the
container's system, which are made once, a minute each.

The previous build is the same but for its version and that of the messages between workers and executor: after an upgrade that
restarted only one of the two no program could be run."""

import contextlib
import json
import os
import re
import shutil
import time

import pytest

from container import PREVIOUS, Container, debs, missing_tools, packages_in, previous_build, root_tree
from dockerd import Dockerd, docker_missing
from source import read
from stack import wait_until

pytestmark = [pytest.mark.needs_root, pytest.mark.xdist_group("packages")]
POST = "curl -sS --noproxy '*' --max-time 100 -w ' %%{http_code}' http://127.0.0.1:8080/v1/execute " \
       "-H 'Content-Type: application/json' -d '%s'"
SLEEP = 'import time; print("begun", flush=True); time.sleep(6); print("done")'
MISSING = "allow_missing = { landlock, private_uid, cgroup_memory, cgroup_pids, cgroup_cpu }"
CGI = """worker {
    metrics = ""
}
native {
    %s
}
""" % MISSING
SERVER = """include /etc/sandgate/nginx/sandgate-upstream.conf;
include /etc/sandgate/nginx/sandgate-problems.conf;
server {
    listen 127.0.0.1:8080;
    include /etc/sandgate/nginx/sandgate.conf;
    include /etc/sandgate/nginx/sandgate-playground.conf;
}
"""
UNITS = ["sandgate.target", "sandgate-native.service", "sandgate-fcgi.socket", "sandgate-status.socket", "sandgate-status@1.service",
         *("sandgate-fcgi@%d.service" % n for n in range(1, 41))]
ENGINE = "/engine.sock"  # in the container
# Files that a system writes by itself, and what Debian's tools keep of users and packages.
NOT_OURS = r"/(proc|sys|dev|run|tmp|share)/|/var/(lib/(dpkg|systemd|nginx)|log|cache|tmp)/|/etc/(passwd|group|shadow|gshadow|sub.id)-?$|/\.updated$"


@contextlib.contextmanager
def docker_engine():
    """A Docker Engine of this machine; None where there is no Docker."""
    engine = None if docker_missing() else Dockerd().start()
    try:
        yield engine
    finally:
        if engine:
            engine.stop()


@pytest.fixture(scope="module")
def box(request):
    if missing_tools():
        pytest.skip("no " + ", ".join(missing_tools()))
    packages = packages_in(debs())
    with docker_engine() as engine, Container(root_tree(), ["%s:%s" % (engine.socket, ENGINE)] if engine else []) as one:
        for name in ("sandgate", "sandgate-docker"):
            shutil.copy(packages[name], one.share)
        one.new = "/share/" + os.path.basename(packages["sandgate"])
        one.docker = "/share/" + os.path.basename(packages["sandgate-docker"])
        one.old = "/share/" + os.path.basename(previous_build(one.share))
        one.engine = engine
        here = os.path.dirname(os.path.abspath(__file__))
        shutil.copy(os.path.join(here, "..", "..", "packaging", "debian", "tests", "main-job"), one.share)
        one.files_before = files(one)
        yield one
        if request.node.session.testsfailed:
            print(one.sh("journalctl --no-pager -n 60 | cat; systemctl list-units --no-pager 'sandgate*' | cat", check=False))


def write(c, path, text):
    c.sh("cat >%s <<'END'\n%sEND" % (path, text))


def files(c):
    found = c.sh("find / -xdev -not -type d | sort").splitlines()
    return {path for path in found if not re.match(NOT_OURS, path)}


def body(code, **fields):
    return json.dumps({"language": "python", "code": code, "validate": False, **fields}).replace("'", "'\\''")


def post(c, code, **fields):
    text, _, status = c.sh(POST % body(code, **fields)).rpartition(" ")
    return int(status), json.loads(text)


def begin(c, code):
    """A request whose program runs when this returns."""
    process = c.start(POST % body(code))
    c.sh("i=0; until pgrep -f 'time.sleep|main.py' >/dev/null && systemctl status sandgate-native >/dev/null; do "
         "i=$((i + 1)); [ $i -lt 100 ] || exit 1; sleep 0.1; done; sleep 1")
    return process


def answer(process):
    text, _, status = process.communicate(timeout=120)[0].rpartition(" ")
    return int(status), json.loads(text)


def main_pid(c, unit):
    return int(c.run("systemctl", "show", "-p", "MainPID", "--value", unit))


def states(c, *units):
    return c.sh("systemctl is-active %s || :" % " ".join("'%s'" % unit for unit in units)).split()


def version(c):
    return c.sh("dpkg-query -W -f '${Version}' sandgate")


def protocol(c):
    """Of the messages that the worker speaks that answers."""
    return int(re.search(r'protocol="(\d+)"', c.sh("curl -sS --noproxy '*' --max-time 100 http://127.0.0.1:8080/metrics"))[1])


def wait_for(c, script, seconds=60):
    c.sh("i=0; until %s; do i=$((i + 1)); [ $i -lt %d ] || exit 1; sleep 0.2; done" % (script, seconds * 5), timeout=seconds * 2)


def wait_active(c):
    """Workers follow the target, which does not wait for them."""
    wait_until(lambda: states(c, *UNITS) == ["active"] * len(UNITS), 60, what="units that are active")


def wait_ready(c):
    wait_for(c, "curl -sf --noproxy '*' -o /dev/null http://127.0.0.1:8080/ready")


def test_install(box):
    """It starts. What this container has no cgroup for is refused, until its administrator says that it may be missing."""
    box.run("dpkg", "-i", box.old)
    wait_active(box)
    assert 'Status: "not ready' in box.run("systemctl", "status", "--no-pager", "sandgate-native")
    assert "no cgroup for layer cgroup_memory" in box.sh("journalctl --no-pager -u sandgate-native | cat")
    box.sh("sed -i 's/^    # allow_missing = .*private_uid }$/    %s/' /etc/sandgate/sandgate.conf && "
           "systemctl restart sandgate.target" % MISSING)
    assert 'Status: "ready"' in box.run("systemctl", "status", "--no-pager", "sandgate-native")


def test_users_and_files(box):
    ranges = box.sh("cat /etc/subuid /etc/subgid").splitlines()
    assert len(ranges) == 2 and all(re.fullmatch(r"sandgate:\d+:65536", line) for line in ranges), ranges
    wait_active(box)
    assert box.sh("ps -o user:20= -C sandgate-native,sandgate-fcgi | sort -u").split() == ["sandgate", "sandgate-web"]
    modes = box.sh("stat -c '%U:%G %a %n' /run/sandgate/workers.sock /run/sandgate/status.sock /run/sandgate/native "
                   "/run/sandgate/native/native.sock /run/sandgate/web").splitlines()
    assert modes == ["root:www-data 660 /run/sandgate/workers.sock", "root:www-data 660 /run/sandgate/status.sock",
                     "sandgate:sandgate 750 /run/sandgate/native", "sandgate:sandgate 660 /run/sandgate/native/native.sock",
                     "sandgate-web:sandgate-web 700 /run/sandgate/web"]
    assert "/sandgate.slice/sandgate-native.service" in box.sh("cat /proc/%d/cgroup" % main_pid(box, "sandgate-native"))


def test_main_job(box):
    """The same script as autopkgtest's: HTTPS, basic authentication, NumPy."""
    assert '"stdout":"3.0\\n"' in box.run("/bin/sh", "/share/main-job")


def test_through_our_own_server_block(box):
    write(box, "/etc/nginx/conf.d/sandgate.conf", SERVER)
    box.sh("nginx -t -q && systemctl reload nginx")
    wait_ready(box)
    wait_until(lambda: post(box, "import numpy")[1]["timings"]["start"] == "warm", 100, 0.5, "a template")
    status, doc = post(box, "import numpy as np; print(np.mean([1, 2, 3, 4, 5]))")
    assert (status, doc["stdout"], doc["isolation"]["uid"], doc["timings"]["start"]) == (200, "3.0\n", "private", "warm"), doc
    assert "<title>" in box.sh("curl -sf --noproxy '*' http://127.0.0.1:8080/playground/")
    figures = box.sh("curl -sf --noproxy '*' http://127.0.0.1:8080/metrics")
    assert re.search(r'(?m)^sandgate_executions_total\{.*language="python".*\} [1-9]', figures), figures


def test_workers_are_replaced(box):
    """As often as they end: no start limit, no trigger limit of the socket, no request lost."""
    box.sh("sed -i 's/^    # requests = 1000$/    requests = 1/' /etc/sandgate/sandgate.conf && systemctl reload 'sandgate-fcgi@*'")
    wait_ready(box)
    answers = box.sh("for i in $(seq 120); do %s -o /dev/null; done" % (POST % body("print(1)")), timeout=200).split()
    assert answers == ["200"] * 120
    restarts = box.sh("systemctl show -p NRestarts --value 'sandgate-fcgi@*'").split()
    assert sum(map(int, restarts)) >= 100, restarts
    assert states(box, "sandgate-fcgi.socket") == ["active"]
    box.sh("sed -i 's/^    requests = 1$/    # requests = 1000/' /etc/sandgate/sandgate.conf")
    wait_active(box)  # systemctl refuses to reload a unit that is just being replaced
    box.sh("systemctl reload 'sandgate-fcgi@*'")


def test_a_mistake_in_the_configuration(box):
    """Nothing hangs, nginx says what is wrong, and when it is mended the workers come back by themselves."""
    box.sh("cp /etc/sandgate/sandgate.conf /root/good.conf && echo 'nonsense = 1' >>/etc/sandgate/sandgate.conf")
    box.sh("timeout 100 systemctl restart sandgate.target || :")
    assert "nonsense" in box.sh("journalctl --no-pager -u sandgate-native -u 'sandgate-fcgi@*' -n 100 | cat")
    box.sh("cp /root/good.conf /etc/sandgate/sandgate.conf")
    wait_ready(box)
    assert post(box, "print(1)")[0] == 200


def test_killed_executor_is_replaced(box):
    old = main_pid(box, "sandgate-native")
    box.run("kill", "-9", str(old))
    wait_for(box, "[ $(systemctl show -p MainPID --value sandgate-native) -gt 1 ] && "
             "[ $(systemctl show -p MainPID --value sandgate-native) != %d ]" % old)
    wait_ready(box)
    assert post(box, "print(1)")[0] == 200


def test_reload_and_restart_with_a_request_in_flight(box):
    for action in ("systemctl reload 'sandgate-fcgi@*' 'sandgate-status@*'", "systemctl restart sandgate.target"):
        request = begin(box, SLEEP)
        box.sh(action)
        status, doc = answer(request)
        assert (status, doc["stdout"]) == (200, "begun\ndone\n"), (action, doc)
        wait_ready(box)


def test_upgrade_with_a_request_in_flight(box):
    old = main_pid(box, "sandgate-native"), main_pid(box, "sandgate-fcgi@1")
    request = begin(box, SLEEP)
    waiting = box.start("sleep 2; " + POST % body("print(2)"))  # while the old workers end: it is answered by the new ones
    box.run("dpkg", "-i", box.new)
    status, doc = answer(request)
    assert (status, doc["stdout"]) == (200, "begun\ndone\n"), doc
    assert answer(waiting)[0] == 200
    assert version(box) == "0.1.0-1"
    wait_ready(box)
    new = main_pid(box, "sandgate-native"), main_pid(box, "sandgate-fcgi@1")
    assert all(a not in (0, b) for a, b in zip(new, old)), (old, new)
    assert MISSING in box.sh("cat /etc/sandgate/sandgate.conf"), "the administrator's change stays"
    assert len(box.sh("cat /etc/subuid").splitlines()) == 1
    assert post(box, "print(3)")[0] == 200


@pytest.mark.parametrize("script", ["systemctl reload 'sandgate-fcgi@*' 'sandgate-status@*'", "systemctl restart sandgate-native"],
                         ids=["workers", "executor"])
def test_new_and_old_meet_in_the_middle_of_an_upgrade(box, script):
    """Between unpacking and configuring, workers or an executor that end are followed by new ones, which do not understand the other
    side. Whoever asks then is told at once; a request in flight is answered, and after configuring everybody is."""
    box.run("dpkg", "-i", box.old)  # back, which is one more restart
    wait_active(box)
    wait_ready(box)
    before, since = (version(box), protocol(box)), int(time.time())
    request = begin(box, SLEEP)
    box.run("dpkg", "--unpack", box.new)
    box.sh(script)
    wait_active(box)
    status, doc = answer(request)
    assert (status, doc["stdout"]) == (200, "begun\ndone\n"), doc
    begun = time.monotonic()
    answers = [post(box, "print(1)") for _ in range(8)]
    assert time.monotonic() - begun < 20, answers
    assert {(status, doc["code"]) for status, doc in answers} == {(503, "executor_unreachable")}, answers
    ready, _, status = box.sh("curl -sS --noproxy '*' --max-time 100 -w ' %{http_code}' http://127.0.0.1:8080/ready").rpartition(" ")
    assert status == "503" and json.loads(ready), ready
    assert "message of version" in box.sh("journalctl --no-pager --since=@%d -u sandgate-native | cat" % since)
    box.run("dpkg", "--configure", "sandgate")
    wait_active(box)
    wait_ready(box)
    assert (version(box), protocol(box)) == ("0.1.0-1", before[1] + 1) and before[0] == PREVIOUS, before
    assert [post(box, "print(1)")[0] for _ in range(8)] == [200] * 8


def test_docker(box):
    """Its unit is not started by itself; configured and enabled it is, and waits for an Engine."""
    box.run("dpkg", "-i", box.docker)
    assert states(box, "sandgate-docker") == ["inactive"]
    assert "disabled" in box.sh("systemctl is-enabled sandgate-docker || :")
    box.sh("groupadd --system docker; cp /etc/sandgate/sandgate.conf /root/no-docker.conf; "
           "sed -i '/^docker {/,/^}/ s|^    # socket = \"\"|    socket = \"/run/sandgate/docker/docker.sock\"|' "
           "/etc/sandgate/sandgate.conf; systemctl enable --now sandgate-docker")
    assert "Status: \"listening" in box.sh("systemctl status --no-pager sandgate-docker")
    assert box.sh("stat -c '%U:%G %a' /run/sandgate/docker /run/sandgate/docker/docker.sock").split() == \
        ["sandgate-docker:sandgate", "750", "sandgate-docker:sandgate", "660"]


def test_docker_runs_a_program(box):
    """All the way: from nginx through a worker to the unit as it is hardened, and by an Engine into a container."""
    if not box.engine:
        pytest.skip(docker_missing())
    os.chown(box.engine.socket, 0, int(box.sh("getent group docker").split(":")[2]))
    box.sh("sed -i -e 's|^    # engines = .*|    engines = { native, docker }|' "
           "-e '/^docker {/,/^}/ { s|^    # engine_socket = .*|    engine_socket = \"%s\"|; s|^    # peers = .*|    peers = { \"sandgate-web\" }| }' "
           "/etc/sandgate/sandgate.conf; systemctl restart sandgate-docker; systemctl reload 'sandgate-fcgi@*' 'sandgate-status@*'" % ENGINE)
    wait_active(box)
    wait_ready(box)
    status, doc = post(box, "import numpy as np; print(np.mean([1, 2, 3, 4, 5]))", engine="docker")
    assert (status, doc.get("engine"), doc.get("stdout")) == (200, "docker", "3.0\n"), doc
    assert doc["isolation"]["missing"] == ["private_uid", "proc"], doc["isolation"]
    assert post(box, "print(1)")[1]["engine"] == "native"
    status = box.sh("cat /proc/%d/status" % main_pid(box, "sandgate-docker"))
    for line in ("NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000"):
        assert line in status, status


def test_how_far_units_are_hardened(box):
    """As docs/INSTALL.md says; the lower the better."""
    most = {"sandgate-fcgi@1.service": 0.5, "sandgate-status@1.service": 0.5, "sandgate-docker.service": 1.5, "sandgate-native.service": 6.0}
    scores = {unit: float(box.sh("systemd-analyze security --no-pager %s | tail -n 1" % unit).split(":")[1].split()[0]) for unit in most}
    assert all(scores[unit] <= most[unit] for unit in most), scores
    assert box.sh("systemd-analyze verify --man=no sandgate.target sandgate-fcgi.socket sandgate-status.socket " + " ".join(most)) == ""


def test_docker_is_purged(box):
    """Its unit is stopped, and its containers are removed."""
    box.run("dpkg", "--purge", "sandgate-docker")
    assert states(box, "sandgate-docker") == ["inactive"] and box.sh("pgrep sandgate-docker || :") == ""
    if box.engine:
        assert box.engine.containers("sandgate") == []
    box.sh("groupdel docker; mv /root/no-docker.conf /etc/sandgate/sandgate.conf; systemctl reload 'sandgate-fcgi@*' 'sandgate-status@*'")
    wait_active(box)
    wait_ready(box)


def test_without_systemd(box):
    """As docs/INSTALL.md says: spawn-fcgi with multiwatch."""
    box.sh("cp /etc/sandgate/sandgate.conf /root/good.conf; rm /etc/nginx/conf.d/sandgate.conf; systemctl stop sandgate.target sandgate-native 'sandgate-fcgi@*' "
           "'sandgate-status@*' sandgate-fcgi.socket sandgate-status.socket")
    assert '"stdout":"3.0\\n"' in box.sh("/bin/sh /share/main-job --without-systemd")
    wait_for(box, "! pgrep 'sandgate-|multiwatch' >/dev/null")


def test_fcgiwrap(box):
    """Plain CGI, as docs/INSTALL.md says: no service, no socket of ours."""
    write(box, "/etc/sandgate/sandgate.conf", CGI)
    write(box, "/etc/nginx/conf.d/sandgate.conf", SERVER.replace("/sandgate.conf", "/sandgate-cgi.conf"))
    box.sh("systemctl start fcgiwrap.socket; nginx -t -q; systemctl reload nginx")
    wait_ready(box)
    status, doc = post(box, "print(6 * 7)")
    assert (status, doc["stdout"], doc["isolation"]["uid"]) == (200, "42\n", "shared"), doc
    write(box, "/etc/nginx/conf.d/sandgate.conf", SERVER)
    box.sh("cp /root/good.conf /etc/sandgate/sandgate.conf; systemctl stop fcgiwrap.socket fcgiwrap.service; systemctl reload nginx; "
           "systemctl start sandgate.target")
    wait_ready(box)


def test_node_on_tcp(box):
    """The drop-ins of docs/NGINX.md, on an address of this container; then the unix sockets again."""
    found = re.findall(r"^# (/etc/systemd/system/\S+\.conf)\n(.*?)(?=\n\n|\n```)", read("docs", "NGINX.md"), re.M | re.S)
    assert [path.split("/")[4] for path, _ in found] == ["sandgate-fcgi.socket.d", "sandgate-status.socket.d"]
    (restart,) = re.findall(r"^systemctl stop sandgate.target [^\n]*\nsystemctl daemon-reload [^\n]*$", read("docs", "NGINX.md"), re.M)
    for path, text in found:
        box.sh("mkdir -p " + os.path.dirname(path))
        write(box, path, text.replace("192.0.2.11", "127.0.0.9") + "\n")
    box.sh(restart)
    assert box.sh("ls /run/sandgate/*.sock 2>/dev/null || :") == ""
    upstream = "/etc/sandgate/nginx/sandgate-upstream.conf"
    box.sh("cp %s /root/upstream; sed -i 's,unix:/run/sandgate/workers.sock,127.0.0.9:9170,; s,unix:/run/sandgate/status.sock,127.0.0.9:9171,' %s;"
           "systemctl reload nginx" % (upstream, upstream))
    wait_ready(box)
    status, doc = post(box, "print(6 * 7)")
    assert (status, doc["stdout"]) == (200, "42\n"), doc
    box.sh("mv /root/upstream %s; rm -r %s; %s; systemctl reload nginx"
           % (upstream, " ".join(os.path.dirname(path) for path, _ in found), restart))
    wait_ready(box)


def doctor(c, check):
    checks = json.loads(c.sh("sandgate doctor --json || :", timeout=120))["checks"]
    return [one for one in checks if one["check"] == check]


def test_fix_of_sockets_that_are_closed_to_nginx(box):
    """What the doctor says is run as it stands, and holds after the next start."""
    assert {one["status"] for one in doctor(box, "nginx.sockets")} == {"ok"}
    places = ["/etc/systemd/system/sandgate-%s.socket.d" % name for name in ("fcgi", "status")]
    for place in places:
        box.sh("mkdir %s; printf '[Socket]\\nSocketGroup=daemon\\n' >%s/group.conf" % (place, place))
    again = "systemctl daemon-reload; systemctl stop sandgate.target sandgate-fcgi.socket sandgate-status.socket; systemctl start sandgate.target"
    box.sh(again)
    assert box.sh("stat -c %G /run/sandgate/workers.sock").strip() == "daemon"
    found = doctor(box, "nginx.sockets")
    assert [one["status"] for one in found] == ["error", "error"], found
    for one in found:
        box.sh(one["fix"], timeout=120)
    box.sh(again)
    wait_ready(box)
    assert {one["status"] for one in doctor(box, "nginx.sockets")} == {"ok"}
    box.sh("rm -r %s; %s" % (" ".join(places), again))
    wait_ready(box)


def test_workers_of_a_larger_machine(box):
    """Slots as of twelve cores: as many workers as there are runs and places is one too few. The fix adds some, which stay."""
    assert [one["status"] for one in doctor(box, "service.workers")] == ["ok"]
    box.sh("sed -i '/^native {/a\\    slots = 24' /etc/sandgate/sandgate.conf && systemctl restart sandgate.target")
    wait_active(box)
    (found,) = doctor(box, "service.workers")
    assert found["status"] == "warning" and "takes 40 (24 slots, 16 in the queue)" in found["text"], found
    box.run("bash", "-c", found["fix"])
    (found,) = doctor(box, "service.workers")
    assert found["status"] == "ok" and "45 workers" in found["text"], found
    box.sh("sed -i '/^    slots = 24$/d' /etc/sandgate/sandgate.conf && systemctl restart sandgate.target")


def test_what_administrators_do_to_units(box):
    """As docs/INSTALL.md says; the purge below takes all of it away. Workers were added above."""
    box.sh("systemctl mask --now sandgate-fcgi@40.service; systemctl set-property sandgate.slice MemoryMax=8G CPUQuota=400%")
    assert box.sh("readlink /etc/systemd/system/sandgate-fcgi@40.service").strip() == "/dev/null"
    assert {"/etc/systemd/system/sandgate.target.wants/sandgate-fcgi@41.service",
            "/etc/systemd/system.control/sandgate.slice.d/50-MemoryMax.conf"} <= files(box)


def test_remove(box):
    """Nothing runs, programs and units are gone, configuration stays, nginx goes on."""
    box.run("dpkg", "--remove", "sandgate")
    # What was enabled is remembered until the purge.
    assert box.sh("systemctl list-units --all --no-legend --plain 'sandgate*' | grep -v '^sandgate.target  *not-found ' || :") == ""
    assert box.sh("pgrep -l sandgate || :") == "" and box.sh("ps -o args= -u sandgate,sandgate-web || :") == ""
    assert "/usr/sbin/sandgate-native" not in files(box) and "/lib/systemd/system/sandgate.target" not in files(box)
    left = [name for top in box.cgroups for _, names, _ in os.walk(top) for name in names if "sandgate" in name or "box-" in name]
    assert left == []
    assert "/etc/sandgate/sandgate.conf" in files(box) and "sandgate:" in box.sh("cat /etc/subuid")
    status, doc = post(box, "print(1)")
    assert (status, doc["code"]) == (502, "worker_unreachable")


def test_purge(box):
    box.sh("rm /etc/nginx/conf.d/sandgate.conf /etc/nginx/sandgate.users /root/good.conf && nginx -t -q && systemctl reload nginx")
    box.run("dpkg", "--purge", "sandgate")
    assert files(box) - box.files_before == set()
    assert box.files_before - files(box) == set()
    assert box.sh("cat /etc/subuid /etc/subgid") == ""
    assert box.sh("ls -d /etc/sandgate /run/sandgate /usr/share/sandgate /usr/libexec/sandgate 2>/dev/null || :") == ""
    assert box.sh("find /etc/systemd -name '*sandgate*'") == ""
    assert states(box, "nginx") == ["active"]
    # Debian keeps the users of packages; they can do nothing.
    assert set(box.sh("getent passwd sandgate sandgate-web | cut -d: -f7").split()) == {"/usr/sbin/nologin"}


def test_once_more(box):
    """As if it had never been there."""
    box.run("dpkg", "-i", box.new)
    wait_active(box)
    box.run("dpkg", "--purge", "sandgate")
    assert box.sh("cat /etc/subuid /etc/subgid") == ""
