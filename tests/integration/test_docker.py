"""The Docker engine with a real Engine: who chooses it, what is left when something is killed, images, what an Engine is asked
for and gives. The behaviours themselves: test_behaviours.py; an Engine that misbehaves: test_docker_faults.py."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from events import Events
from procfs import descendants, process_table
from stack import BUILD, SOURCE, wait_until
from tls_front import TlsFront

pytestmark = pytest.mark.xdist_group("docker")


@pytest.fixture
def docker_stack(shared_docker_stack):
    yield shared_docker_stack
    shared_docker_stack.settle(shared_docker_stack.baseline)


def containers(stack):
    return stack.engine.containers(stack.instance)


def container_of_run(stack, processes):
    """The running container that was made for a run with that limit, which no other has."""
    def found():
        for name in containers(stack):
            seen = stack.engine.inspect(name)
            if seen.get("HostConfig", {}).get("PidsLimit") == processes + 2 and seen["State"]["Pid"] > 1:
                return name, seen["State"]["Pid"]
        return None
    return wait_until(found, 15, what="a container of the run")


def kill_container(stack, name):
    pid = (stack.engine.inspect(name) or {}).get("State", {}).get("Pid", 0)
    if pid > 1:  # 0: it does not run, and would be our own group
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_executor(stack):
    process = stack.processes.pop("executor")
    process.kill()
    process.wait()


# ---- who chooses ------------------------------------------------------------------------------------------------


LOCATIONS = "".join("""
location = /%s { rewrite ^ /v1/execute break; include /etc/sandgate/nginx/sandgate-fastcgi.conf;
    fastcgi_param SANDGATE_ENGINE "%s"; fastcgi_pass sandgate_workers; }
""" % row for row in (("in-containers", "docker"), ("containers-first", "docker native"), ("in-clouds", "clouds")))


def test_requests_and_locations_choose(make_docker_stack):
    stack = make_docker_stack(native_too=True, waiting=1, server=LOCATIONS)
    request = {"language": "python", "validate": False, "code": "print(1)"}
    assert stack.post(request, path="/in-containers").json["engine"] == "docker"
    assert stack.post(request, path="/containers-first").json["engine"] == "docker"
    assert stack.post({**request, "engine": "native"}, path="/containers-first").json["engine"] == "native"
    problem = stack.post({**request, "engine": "native"}, path="/in-containers").problem()
    assert problem["errors"] == [{"pointer": "/engine", "detail": "\"native\" is not an engine here; allowed: docker"}]
    problem = stack.post(request, path="/in-clouds").problem()
    assert problem["status"] == 500 and "SANDGATE_ENGINE" in stack.log("workers"), problem
    assert stack.run("print(1)")["engine"] == "native"
    assert stack.run("print(1)", engine="native")["engine"] == "native"
    doc = stack.run("print(1)", engine="docker")
    assert (doc["engine"], doc["stdout"]) == ("docker", "1\n")
    problem = stack.post({"language": "python", "validate": False, "code": "", "engine": "podman"}).problem()
    assert problem["status"] == 422 and problem["errors"] == [
        {"pointer": "/engine", "detail": "\"podman\" is not an engine here; allowed: native, docker"}]
    ready = stack.get("/ready").json
    assert ready["engines"] == {"native": {"ready": True, "reason": None}, "docker": {"ready": True, "reason": None}}


def test_only_what_the_operator_allows(stack):
    problem = stack.post({"language": "python", "validate": False, "code": "", "engine": "docker"}).problem()
    assert problem["errors"] == [{"pointer": "/engine", "detail": "\"docker\" is not an engine here; allowed: native"}]


def test_the_other_engine_goes_on(make_docker_stack, docker_engine):
    stack = make_docker_stack(native_too=True, waiting=0, engine_socket=os.path.join(docker_engine.dir, "nobody.sock"))
    assert stack.run("print(1)")["engine"] == "native"
    problem = stack.post({"language": "python", "validate": False, "code": "print(1)", "engine": "docker"}).problem()
    assert (problem["status"], problem["step"]) == (503, "docker_engine"), problem
    assert "docker.engine_socket" in problem["hint"]
    ready = stack.get("/ready")
    assert ready.status == 200 and not ready.json["engines"]["docker"]["ready"]
    assert "does not answer" in ready.json["engines"]["docker"]["reason"]
    assert stack.get("/health").status == 200


def test_the_command_line_chooses(docker_stack):
    path = docker_stack.path("conf", "hello.py")
    with open(path, "w") as f:
        f.write("print('hello')\nraise SystemExit(3)\n")
    done = subprocess.run([docker_stack.path("bin", "sandgate"), "run", "-c", docker_stack.path("conf", "sandgate.conf"), "--engine",
                           "docker", path], capture_output=True, text=True, timeout=60)
    os.unlink(path)
    assert (done.returncode, done.stdout, done.stderr) == (3, "hello\n", "")


def test_the_doctor_sees_a_real_engine(docker_stack):
    done = subprocess.run([docker_stack.path("bin", "sandgate"), "doctor", "--json", "-c", docker_stack.path("conf", "sandgate.conf"),
                           "--nginx", docker_stack.path("conf", "nginx", "nginx.conf")], capture_output=True, timeout=120)
    found = {check["check"]: (check["status"], check["text"]) for check in json.loads(done.stdout)["checks"]}
    assert all(found[name][0] == "ok" for name in ("docker.socket", "docker.peers", "docker.executor", "service.workers")), found
    assert found["docker.engine"][0] == "ok" and "API 1." in found["docker.engine"][1], found
    assert found["nginx.timeout"][0] == "ok", found


@pytest.fixture
def front(docker_engine):
    directory = tempfile.mkdtemp(prefix="sandgate-tls-")
    os.chmod(directory, 0o755)
    with TlsFront(docker_engine.socket, directory) as one:
        yield one
    shutil.rmtree(directory)


def remote(front, ca="ca", certificate="client"):
    lines = {"engine_url": front.url, "tls_ca": front.file(ca + ".pem")}
    if certificate:
        lines.update(tls_cert=front.file(certificate + ".pem"), tls_key=front.file(certificate + ".key"))
    return "\n".join('%s = "%s"' % pair for pair in lines.items())


def test_a_remote_engine(front, make_docker_stack):
    """Over TLS, with certificates of both sides: code, input and output go over the same kind of connection."""
    stack = make_docker_stack(waiting=1, docker=remote(front))
    doc = stack.run("import sys; print(sys.stdin.read(), open('data').read())", stdin="input",
                    files=[{"path": "data", "content": "file"}])
    assert (doc["engine"], doc["stdout"]) == ("docker", "input file\n"), doc
    assert doc["resource_usage"]["memory_peak_bytes"] > 1 << 20 and front.accepted > 1
    doc = stack.run("while True: pass", timeout=1)
    assert doc["termination"]["reason"] == "wall_time", doc


@pytest.mark.parametrize("wrong", [{"ca": "stranger"}, {"certificate": None}, {"certificate": "stranger"}],
                         ids=["authority", "without certificate", "another's certificate"])
def test_a_remote_engine_that_is_not_trusted_or_does_not_trust(front, make_docker_stack, wrong):
    stack = make_docker_stack(waiting=0, wait=False, docker=remote(front, **wrong))
    problem = stack.post({"language": "python", "validate": False, "code": "print(1)"}).problem()
    assert (problem["status"], problem["step"]) == (503, "docker_engine"), problem
    if "ca" in wrong:
        assert "docker.tls_ca" in problem["hint"], problem
    assert front.accepted == 0
    assert stack.get("/ready").status == 503 and stack.get("/health").status == 200


# ---- what an Engine gives ---------------------------------------------------------------------------------------


def test_posture(docker_stack):
    """A container that waits, as the Engine and as the kernel show it."""
    docker_stack.wait_full()
    seen = docker_stack.engine.inspect(containers(docker_stack)[0])
    host, config = seen["HostConfig"], seen["Config"]
    assert host["ReadonlyRootfs"] and not host["Privileged"] and host["NetworkMode"] == "none" and host["IpcMode"] == "none"
    assert host["CgroupnsMode"] == "private" and host["CapDrop"] == ["ALL"] and not host["CapAdd"]
    assert not host["Binds"] and not seen["Mounts"] and not host["Devices"] and host["PidMode"] == host["UTSMode"] == ""
    assert host["Memory"] == host["MemorySwap"] == 512 << 20 and host["PidsLimit"] == 102 and host["CpuQuota"] == 50000
    assert host["LogConfig"]["Type"] == "none" and not config["Tty"] and config["User"] == "1000:1000"
    assert host["SecurityOpt"][0] == "no-new-privileges" and host["SecurityOpt"][1].startswith("seccomp={")
    assert set(host["Tmpfs"]) == {"/tmp", "/work", "/dev/shm"}
    for options in host["Tmpfs"].values():
        assert {"noexec", "nosuid", "nodev"} <= set(options.split(",")) and "size=" in options and "nr_inodes=" in options
    pid = seen["State"]["Pid"]
    status = dict(line.split(":\t", 1) for line in open("/proc/%d/status" % pid).read().splitlines() if ":\t" in line)
    assert [int(status["Cap" + k], 16) for k in ("Inh", "Prm", "Eff", "Bnd", "Amb")] == [0] * 5
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2" and status["Seccomp_filters"] == "2"
    assert status["Uid"].split() == ["1000"] * 4
    for kind in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup"):
        assert os.readlink("/proc/%d/ns/%s" % (pid, kind)) != os.readlink("/proc/self/ns/%s" % kind), kind
    # Signals; what the Engine reads and writes, and the program's; the interpreter's word; the directory whose files come back.
    # Where the program's input will be written, of which it has another descriptor.
    links = {os.readlink("/proc/%d/fd/%s" % (pid, fd)).split("[")[0] for fd in os.listdir("/proc/%d/fd" % pid)}
    assert links <= {"anon_inode:", "pipe:", "socket:", "/work", "/dev/shm/sandgate-stdin (deleted)"}, links


def test_nobody_inside_reaches_pid_1(docker_stack):
    doc = docker_stack.run("""
import os, signal
for path in ("/proc/1/mem", "/proc/1/environ", "/proc/1/fd/1", "/proc/1/fd"):
    try:
        os.listdir(path) if path.endswith("fd") else open(path, "wb" if path.endswith("1") else "rb").read(1)
        print("reached", path)
    except OSError as e:
        print("refused", e.errno)
for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGINT):
    try:
        os.kill(1, number)
    except OSError:
        pass
print("alive")
""")
    assert doc["stdout"].splitlines() == ["refused 13"] * 4 + ["alive"], doc
    assert doc["success"] and doc["exit_code"] == 0


def test_what_of_dev_and_proc_can_be_opened(docker_stack):
    doc = docker_stack.run("""
import os
for top in ("/dev", "/proc", "/sys"):
    for at, folders, names in os.walk(top):
        folders[:] = [f for f in folders if not (at == "/proc" and f.isdigit() and f != str(os.getpid())) and f not in ("task", "self", "net")]
        for name in names:
            path = os.path.join(at, name)
            if at.startswith("/proc/%d" % os.getpid()) or os.path.islink(path):
                continue
            try:
                os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
                print(path)
            except OSError:
                pass
for path in ("/dev/ptmx", "/dev/pts/ptmx", "/dev/tty", "/proc/1/status", "/proc/kallsyms", "/proc/sys/kernel/core_pattern", "/dev/mqueue/x"):
    try:
        os.open(path, os.O_RDWR | os.O_CREAT); print("reached", path)
    except OSError:
        pass
print(len(open("/proc/self/status").read()) > 100, len(open("/proc/%d/maps" % os.getpid()).read()) > 100)
""", timeout=30)
    devices = {"/dev/" + name for name in ("full", "null", "random", "urandom", "zero")}
    masked = {"/proc/keys", "/proc/timer_list"}  # over which the Engine has laid /dev/null
    assert set(doc["stdout"].split()) - masked == devices | {"True"}, doc


def test_output_cannot_be_forged(docker_stack):
    """What looks like sandgate-boot's own frames is output like any other."""
    doc = docker_stack.run("""
import os, struct
fake = struct.pack("<III", 0x544F4F42, 9, 120) + bytes(120)
for fd in (1, 2):
    os.write(fd, fake)
os.write(1, b"\\x01\\0\\0\\0\\0\\0\\0\\x05hello")
for fd in range(3, 30):
    try:
        os.write(fd, fake); print("wrote to", fd)
    except OSError:
        pass
raise SystemExit(5)
""")
    assert doc["exit_code"] == 5 and doc["stdout_bytes"] == 132 + 13 and doc["stderr_bytes"] == 132, doc


def test_limits_of_a_request(docker_stack):
    """A container with other limits than the default is made for the run."""
    doc = docker_stack.run("print(1)", limits={"memory_bytes": 100 << 20, "processes": 7, "cpu_percent": 100})
    assert doc["timings"]["start"] == "cold" and doc["success"], doc


def test_a_small_share_of_cpu_loses_nothing(make_docker_stack):
    """What sandgate-boot does when the program is ended comes out of the same share: memory is given back, output and files are
    taken, figures read."""
    stack = make_docker_stack(waiting=0, start="cold")
    doc = stack.run("""
import mmap, time
for i in range(2000):
    open("left-%d" % i, "w").close()
held = mmap.mmap(-1, 200 << 20)
held.madvise(mmap.MADV_NOHUGEPAGE)
for at in range(0, len(held), 4096):
    held[at] = 1
print("y" * 50000, flush=True)
time.sleep(1000)
""", timeout=60, limits={"cpu_percent": 2, "memory_bytes": 400 << 20})
    assert doc["termination"]["reason"] == "wall_time" and 60 <= doc["resource_usage"]["execution_time"] < 90, doc["termination"]
    assert (doc["resource_usage"]["memory_peak_bytes"] or 0) > 200 << 20, doc["resource_usage"]
    assert doc["stdout"] == "y" * 50000 + "\n" and not doc["stdout_truncated"]
    assert len(doc["files"]) == 32 and doc["files_omitted"]["count"] == 1968, doc["files_omitted"]["count"]


def test_what_is_compiled_has_two_containers(make_docker_stack):
    """Both wait, each with its stage's limits and filter; a program that fits into no memory is not sent into one."""
    stack = make_docker_stack(languages=("python", "c"), images={"c": "sandgate-gcc"}, waiting=1, start="cold")

    def waiting():
        found = {}
        for name in containers(stack):
            seen = stack.engine.inspect(name)
            host, config = seen["HostConfig"], json.loads(seen["HostConfig"]["SecurityOpt"][1].partition("=")[2])
            allowed = {call for row in config["syscalls"] if row["action"] == "SCMP_ACT_ALLOW" for call in row["names"]}
            found[name] = host["PidsLimit"], host["CpuQuota"], "execveat" in allowed, "vfork" in allowed
        return found

    kinds = [(34, 100000, False, True), (102, 50000, False, True), (102, 50000, True, True)]  # compiler, Python, what it has made
    before = waiting()
    assert sorted(before.values()) == kinds, before
    doc = stack.run("int main(void) { return 7; }", language="c")
    assert (doc["exit_code"], doc["compile"]["exit_code"]) == (7, 0), doc
    stack.wait_full()
    after = waiting()
    assert sorted(after.values()) == kinds and len(set(before) & set(after)) == 1, (before, after)
    large = "const char bulk[%d << 20] = {1}; int main(int n, char **v) { return bulk[n]; }"
    doc = stack.run(large % 11, language="c", limits={"memory_bytes": 16 << 20})
    assert doc["status"] == "success", doc
    problem = stack.post({"language": "c", "validate": False, "code": large % 13, "limits": {"memory_bytes": 16 << 20}}).problem()
    assert (problem["status"], problem["code"]) == (422, "program_refused") and "the memory limit is too small" in problem["detail"], problem


def test_a_profile_that_is_not_loaded_is_seen(make_docker_stack):
    """The Engine's filter and sandgate-boot's own are in force for every process of a container, and prove nothing of it."""
    def without_profile(stack):
        shutil.copy(os.path.join(BUILD, "sandgate-boot-lab"), stack.path("bin", "sandgate-boot"))

    stack = make_docker_stack(waiting=0, wait=False, start="cold", before=without_profile)
    problem = wait_until(lambda: (lambda p: p if p.get("step") == "attest" else None)(
        stack.post({"language": "python", "validate": False, "code": "print(1)"}).problem()), 30)
    assert problem["status"] == 503 and "layer seccomp is not in force" in problem["detail"], problem


def test_what_waits_takes_what_fits(docker_stack):
    """An interpreter that waits takes plain programs; a run with arguments ends it, and starts another in its container."""
    program = "import sys, os; print(sys.argv[1:], sys.stdin.read(), sorted(os.listdir('.')), open('main.py').read() == open(sys.argv[0]).read())"

    def start(**fields):
        docker_stack.wait_full()
        doc = docker_stack.run(program, **fields)
        assert doc["success"] and doc["stdout"] == "%s in ['main.py'] True\n" % fields.get("args", []), doc
        return doc["timings"]["start"]

    wait_until(lambda: start(stdin="in") == "ahead", 10, 0.2, "an interpreter that waits")
    assert start(stdin="in", args=["x"]) == "cold"
    assert start(stdin="in", env={"X": "1"}) == "cold"
    assert start(stdin="in", limits={"file_bytes": 200 << 20}) == "cold"
    doc = docker_stack.run("open('big', 'wb').write(bytes(200000))", limits={"file_bytes": 65536})
    assert "File too large" in doc["stderr"], doc


@pytest.mark.parametrize("profile", ["python"])
def test_every_refused_call(docker_stack, profile):
    """Under the outer and the inner filter each call that the profile refuses has the errno of its row."""
    import errno
    with open(os.path.join(SOURCE, "packaging", "conf", "profiles", profile + ".json")) as f:
        rows = json.load(f)["syscalls"]
    conditional = {n for r in rows if r.get("args") for n in r["names"]}
    wanted = {n: r.get("errnoRet", errno.EPERM) for r in rows if r["action"] == "SCMP_ACT_ERRNO" and not r.get("args")
              for n in r["names"] if n not in conditional}
    numbers = {}
    text = subprocess.run(["/usr/bin/cpp", "-dM", "-include", "sys/syscall.h", "/dev/null"], capture_output=True, text=True,
                          check=True).stdout
    for line in text.splitlines():
        parts = line.split()
        if len(parts) == 3 and parts[1].startswith("__NR_") and parts[2].isdigit():
            numbers[parts[1][5:]] = int(parts[2])
    wanted = {name: e for name, e in wanted.items() if name in numbers}
    assert len(wanted) > 100
    # execve is refused by the end of its listener, vfork would run in our frame.
    wanted["execve"] = errno.ENOSYS
    doc = docker_stack.run("""
import ctypes, json, sys
libc = ctypes.CDLL(None, use_errno=True)
found = {}
for name, number in json.load(sys.stdin).items():
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0)
    found[name] = ctypes.get_errno() if result == -1 else "went through: %d" % result
print(json.dumps(found))
""", stdin=json.dumps({name: numbers[name] for name in wanted}))
    assert doc["success"], doc
    found = json.loads(doc["stdout"])
    assert {n: (wanted[n], found[n]) for n in wanted if found[n] != wanted[n]} == {}


# ---- what is left -----------------------------------------------------------------------------------------------


def test_killed_executor(make_docker_stack):
    stack = make_docker_stack(waiting=1)
    connection = stack.begin("import time; time.sleep(60)", timeout=90, limits={"processes": 17})
    container_of_run(stack, 17)
    # One of the trial run may be going just now.
    pids = [seen["State"]["Pid"] for seen in map(stack.engine.inspect, containers(stack)) if seen.get("State", {}).get("Pid")]
    kill_executor(stack)
    with connection:
        assert b" 502 Bad Gateway" in connection.recv(4096)  # executor_lost
    # Each container ends by itself: nobody is at the other end of its streams.
    wait_until(lambda: not any(os.path.exists("/proc/%d" % p) for p in pids), 30, what="the end of all processes")
    stack.start_docker()
    stack.wait_ready()
    assert stack.run("print(2)")["stdout"] == "2\n"
    stack.wait_full()
    assert len(containers(stack)) == 1


def test_killed_worker(make_docker_stack):
    stack = make_docker_stack(waiting=0)
    connection = stack.begin("import time; time.sleep(60)", timeout=90)
    (name,) = wait_until(lambda: containers(stack), 10, what="a run")
    for pid in stack.worker_pids():
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: name not in containers(stack), 30, what="the end of the run")
    connection.close()
    wait_until(lambda: stack.post({"language": "python", "validate": False, "code": "print(3)"}).status == 200, 10, 10)


def test_client_that_leaves(docker_stack):
    connection = docker_stack.begin("import time; time.sleep(60)", timeout=90, limits={"processes": 11})
    _, pid = container_of_run(docker_stack, 11)
    connection.close()
    wait_until(lambda: not os.path.exists("/proc/%d" % pid), 10, what="the end of the run")


def test_killed_container(docker_stack):
    with docker_stack.begin("import time; time.sleep(60)", timeout=90, limits={"processes": 12}) as connection:
        name, pid = container_of_run(docker_stack, 12)
        wait_until(lambda: any(process_table().get(p, ("", "", ""))[2].startswith("python3") for p in descendants(pid)), 30, what="the program")
        time.sleep(0.5)
        kill_container(docker_stack, name)
        answer = connection.recv(65536)
    assert b" 502 Bad Gateway" in answer and b"executor_lost" in answer and b"the container ended" in answer, answer
    for waiting in containers(docker_stack):  # one that waits, too
        kill_container(docker_stack, waiting)
    assert wait_until(lambda: docker_stack.post({"language": "python", "validate": False, "code": "print(4)"}).status == 200, 10)
    docker_stack.wait_full()


def test_stopped_executor_leaves_nothing(make_docker_stack):
    stack = make_docker_stack(waiting=2)
    assert len(containers(stack)) == 2
    assert stack.stop_process("executor") == []
    assert containers(stack) == []
    stack.start_docker()


def test_sweep_spares_others(make_docker_stack, docker_engine):
    """Only what has our label: of another instance, and of somebody else, nothing is touched."""
    stack = make_docker_stack(waiting=0)
    made = []
    for labels in ({"sandgate.instance": "another"}, {}, {"sandgate.instance": stack.instance}):
        status, doc = docker_engine.call("POST", "/containers/create", {"Image": "sandgate-python", "Cmd": ["/bin/true"], "Labels": labels})
        assert status == 201, doc
        made.append(doc["Id"])
    kill_executor(stack)
    stack.start_docker()
    stack.wait_ready()
    stack.wait_full()
    assert [docker_engine.call("GET", "/containers/%s/json" % c)[0] for c in made] == [200, 200, 404]
    for name in made[:2]:
        docker_engine.call("DELETE", "/containers/" + name)


# ---- images and the Engine's own life ---------------------------------------------------------------------------


def test_missing_image(make_docker_stack):
    stack = make_docker_stack(waiting=1, image="sandgate-absent", wait=False)
    problem = wait_until(lambda: (lambda p: p if "No such image" in p["detail"] else None)(
        stack.post({"language": "python", "validate": False, "code": ""}).problem()), 20)
    assert problem["status"] == 503 and "docker pull" in problem["hint"] and problem["step"] == "docker_image", problem
    assert "No such image" in stack.get("/ready").problem()["detail"]
    # It is looked for again and again.
    stack.engine.call("POST", "/images/sandgate-python/tag?repo=sandgate-absent&tag=latest")
    try:
        wait_until(lambda: stack.get("/ready").status == 200, 30, 0.2, "the image is found")
        assert stack.run("print(5)")["stdout"] == "5\n"
    finally:
        stack.engine.call("DELETE", "/images/sandgate-absent?noprune=1")


def test_image_that_goes_and_comes_back(make_docker_stack, docker_engine):
    """/ready tells it, as soon as it is noticed, both times."""
    docker_engine.call("POST", "/images/sandgate-python/tag?repo=sandgate-going&tag=latest")
    stack = make_docker_stack(waiting=1, image="sandgate-going")
    docker_engine.call("DELETE", "/images/sandgate-going?noprune=1")
    wait_until(lambda: stack.get("/ready").status == 503, 30, 0.2, "the image's absence to be told")
    assert "No such image" in stack.get("/ready").problem()["detail"]
    docker_engine.call("POST", "/images/sandgate-python/tag?repo=sandgate-going&tag=latest")
    try:
        wait_until(lambda: stack.get("/ready").status == 200, 30, 0.2, "the image to be found")
        assert stack.run("print(7)")["stdout"] == "7\n"
    finally:
        docker_engine.call("DELETE", "/images/sandgate-going?noprune=1")


def test_image_with_volumes(make_docker_stack, docker_engine):
    """Each container would have a place to write that nothing bounds."""
    _, made = docker_engine.call("POST", "/containers/create", {"Image": "sandgate-python", "Cmd": ["/bin/true"]})
    docker_engine.call("POST", "/commit?container=%s&repo=sandgate-volumes" % made["Id"], {"Volumes": {"/data": {}}})
    docker_engine.call("DELETE", "/containers/%s?force=1" % made["Id"])
    try:
        stack = make_docker_stack(waiting=0, image="sandgate-volumes", wait=False)
        problem = wait_until(lambda: (lambda p: p if "volumes" in p["detail"] else None)(
            stack.post({"language": "python", "validate": False, "code": ""}).problem()), 20)
        assert (problem["status"], problem["step"], problem["hint"]) == (503, "docker_image", "use an image without VOLUME"), problem
    finally:
        docker_engine.call("DELETE", "/images/sandgate-volumes?noprune=1")


def test_image_that_changes(make_docker_stack, docker_engine):
    """Containers that wait are replaced when the name means another image."""
    docker_engine.call("POST", "/images/sandgate-python/tag?repo=sandgate-changing&tag=latest")
    stack = make_docker_stack(waiting=1, image="sandgate-changing")
    (before,) = containers(stack)
    status, other = docker_engine.call("POST", "/containers/create", {"Image": "sandgate-python", "Cmd": ["/bin/true"]})
    assert status == 201
    docker_engine.call("POST", "/commit?container=%s&repo=sandgate-changing&tag=latest" % other["Id"], {"Env": ["NEW=1"]})
    docker_engine.call("DELETE", "/containers/" + other["Id"])
    after = wait_until(lambda: [c for c in containers(stack) if c != before], 20, 0.2, "another container")
    wait_until(lambda: before not in containers(stack), 10)
    assert after and stack.run("print(6)")["stdout"] == "6\n"


def test_engine_that_restarts(make_docker_stack):
    """On an Engine of its own: the others go on with theirs."""
    import dockerd
    engine = dockerd.Dockerd()
    engine.parent += "-restart"
    engine.start()
    try:
        stack = make_docker_stack(engine=engine, waiting=1)
        with Events(stack, "import time; print(1, flush=True); time.sleep(60)", timeout=90) as events:
            assert events.next("stdout")
            engine.stop_process()
            problem = events.next("error").data
        assert (problem["status"], problem["code"], problem["retry_after_s"]) == (502, "executor_lost", 1), problem
        answer = stack.post({"language": "python", "validate": False, "code": ""})
        assert answer.status == 503 and answer.problem()["hint"], answer
        engine.run()
        wait_until(lambda: stack.get("/ready").status == 200, 30, 0.2, "the Engine is back")
        assert stack.run("print(7)")["stdout"] == "7\n"
        stack.wait_full()
        assert len(containers(stack)) == 1
        stack.stop()
    finally:
        engine.stop()


def test_no_permission(make_docker_stack, docker_engine):
    path = docker_engine.socket + ".root"
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(path)
        os.chmod(path, 0o600)
        stack = make_docker_stack(waiting=0, wait=False, engine_socket=path)
        problem = wait_until(lambda: (lambda p: p if "ermission" in p["detail"] else None)(
            stack.post({"language": "python", "validate": False, "code": ""}).problem()), 10)
        assert problem["status"] == 503 and "group" in problem["hint"], problem
        stack.stop()


def test_parallel_load(docker_stack):
    """Good, failing, flooding and endless programs at once: each its own right answer, or an honest 503."""
    import concurrent.futures
    kinds = [("print(%d)", lambda d, i: d["stdout"] == "%d\n" % i),
             ("print(%d); 1 / 0", lambda d, i: d["exit_code"] == 1 and d["stdout"] == "%d\n" % i),
             ("print(%d, flush=True)\nwhile True: pass", lambda d, i: d["termination"]["reason"] == "wall_time" and d["stdout"] == "%d\n" % i),
             ("print('x' * 3000000); print(%d)", lambda d, i: d["stdout_truncated"] and d["stdout"].endswith("\n%d\n" % i))]

    def one(i):
        code, right = kinds[i % 4]
        answer = docker_stack.post({"language": "python", "validate": False, "code": code % i, "timeout": 5 if i % 4 == 2 else 60})
        if answer.status == 503:
            return answer.problem()["code"] + ("" if answer.problem()["code"] == "busy" else answer.problem()["detail"])
        assert answer.status == 200, answer
        assert right(answer.json, i), (i, answer.json)
        return "ran"

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        ends = list(pool.map(one, range(48)))
    assert set(ends) <= {"ran", "busy", "overloaded"} and ends.count("ran") >= 8, ends
    docker_stack.wait_full()


def test_check_tells_what_is_wrong(docker_stack):
    program, path = docker_stack.path("bin", "sandgate-docker"), docker_stack.path("conf", "check.conf")
    with open(docker_stack.path("conf", "sandgate.conf")) as f:
        text = f.read()
    rows = [(text, 0, ""), (text.replace('socket = "%s"' % docker_stack.docker_socket(), "socket = ''"), 1, "docker.socket is empty"),
            (text.replace("docker {\n", "docker {\n engine_url = http://example:1\n"), 1, "is not a URL")]
    for content, status, said in rows:
        with open(path, "w") as f:
            f.write(content)
        done = subprocess.run([program, "-c", path, "--check"], capture_output=True, text=True, timeout=30)
        assert (done.returncode, said in done.stderr) == (status, True), done
    os.unlink(path)
