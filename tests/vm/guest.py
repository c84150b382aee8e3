#!/usr/bin/python3
"""Tests of the native executor on cgroup v2 under systemd. Runs as root inside the virtual machine of tests/vm/run;
one TAP line per case on standard output. Cases run in the order of CASES, since starting an executor is what costs."""

import json
import os
import pwd
import re
import signal
import subprocess
import sys
import time
import traceback

import kit
import package
from kit import ID_BASE, RANGE, box_of_run, check, check_reason, command, equal, executors, read, wait_until, write
from programs import HELLO, HOG, HOG_CHILD, MIB, NUMPY, SLEEP, SPIN, STUBBORN, THREADS, TREADMILL

web = None
user, plain, root = kit.Unit("sandgate-user"), kit.Unit("sandgate-plain"), kit.Unit("sandgate-root")


# ---- as an ordinary user with a range of ids --------------------------------------------------------------------


def user_ready():
    global web
    user.start()
    web = kit.Web()
    web.wait_ready()
    equal(kit.uids(user.main_pid()), pwd.getpwnam("sandgate").pw_uid, "uid of the supervisor")
    equal(kit.uids(user.child()), pwd.getpwnam("sandgate").pw_uid, "uid of the child")
    equal(command("stat", "-c", "%U", user.top).strip(), "sandgate", "owner of the delegated cgroup")
    user.settle()


def user_hello():
    doc = web.run(HELLO)
    equal((doc["success"], doc["exit_code"], doc["stdout"]), (True, 0, "hello\n"), "result")
    check_reason(doc, "exited")
    isolation = doc["isolation"]
    equal(sorted(isolation["cgroup"]), ["cpu", "memory", "pids"], "isolation.cgroup")
    equal(isolation["uid"], "private", "isolation.uid")
    equal(isolation["missing"], [], "isolation.missing")
    usage = doc["resource_usage"]
    check(usage["memory_peak_bytes"] > MIB, "memory peak was measured", usage)
    check(usage["cpu_user_ms"] + usage["cpu_system_ms"] > 0, "CPU was measured", usage)
    user.settle()


def user_numpy():
    doc = web.run(NUMPY)
    equal((doc["success"], doc["stdout"]), (True, "3.0\n"), "result: %s" % doc)
    user.settle()


def user_live_box():
    run = web.background(SLEEP % 300, memory_bytes=64 * MIB, processes=7, cpu_percent=40, wall_time_ms=20000)
    box = box_of_run(user)
    for name, want in (("memory.max", str(64 * MIB)), ("memory.swap.max", "0"), ("memory.oom.group", "1"),
                       ("pids.max", "8"), ("cpu.max", "40000 100000")):
        path = box + "/" + name
        if name == "memory.swap.max" and not os.path.exists(path):
            continue  # no swap accounting
        equal(read(path).strip(), want, name)
    pids = [int(pid) for pid in read(box + "/cgroup.procs").split()]
    ids = {kit.uids(pid) for pid in pids}
    equal(len(ids), 2, "pid 1 and the program have different ids: %s" % ids)
    check(all(RANGE[0] <= i < RANGE[0] + RANGE[1] for i in ids), "ids are of the range", ids)
    for pid in pids:
        equal(os.path.basename(read("/proc/%d/cgroup" % pid).strip()), os.path.basename(box), "cgroup of %d" % pid)
    equal(user.members(), sorted(pids + user.idle()), "everybody in the unit")
    check("executor" in read("/proc/%d/cgroup" % user.child()), "the child is in its leaf")
    run.join(120)
    status, _, doc = run.answer
    equal(status, 200, "status: %s" % doc)
    check_reason(doc, "wall_time")
    user.settle()


def memory_exact(unit, code, language):
    command("dmesg", "--clear")
    doc = web.run(code, language, memory_bytes=64 * MIB)
    check_reason(doc, "memory")
    equal(doc["success"], False, "success")
    equal(doc["termination"]["limit"], 64 * MIB, "limit")
    check("memory_bytes" in doc["termination"]["limits_hit"], "limits_hit", doc["termination"])
    peak = doc["resource_usage"]["memory_peak_bytes"]
    check(60 * MIB < peak <= 64 * MIB, "peak", peak)
    check("the parent lives" not in doc["stdout"], "all of the box was killed", doc["stdout"])
    log = command("dmesg")
    check("oom_memcg=/system.slice/%s.service/sandgate/box-" % unit.name in log, "the kernel names the box", log[-3000:])
    check("memory.oom.group set" in log, "the kernel killed the group", log[-3000:])
    unit.settle()


def user_memory():
    memory_exact(user, HOG, "python")


def user_memory_group():
    memory_exact(user, HOG_CHILD, "forker")


def user_memory_is_not_guessed():
    doc = web.run("import os, signal; print(1, flush=True); x = bytearray(20 << 20); "
                  "signal.raise_signal(signal.SIGKILL)", memory_bytes=64 * MIB)
    check_reason(doc, "signaled")
    equal(doc["signal"], "SIGKILL" if isinstance(doc["signal"], str) else 9, "signal")


def user_processes():
    doc = web.run(THREADS % False, processes=8)
    check_reason(doc, "processes")
    equal(doc["exit_code"], 1, "exit code")
    doc = web.run(THREADS % True, processes=8)
    check_reason(doc, "exited")
    equal(doc["stdout"], "made 7\n", "threads beside the first")
    check("processes" in doc["termination"]["limits_hit"], "limits_hit", doc["termination"])
    equal(doc["resource_usage"]["processes_peak"], 8, "processes_peak")
    user.settle()


def user_cpu_percent():
    doc = web.run(SPIN % 10, cpu_percent=20)
    check_reason(doc, "exited")
    usage = doc["resource_usage"]
    share = (usage["cpu_user_ms"] + usage["cpu_system_ms"]) / usage["wall_time_ms"]
    check(0.12 < share < 0.26, "share of a CPU with 20 %", share)
    check("cpu_percent" in doc["termination"]["limits_hit"], "limits_hit", doc["termination"])


def user_cpu_time():
    begun = time.monotonic()
    doc = web.run(SPIN % 80, cpu_time_ms=3000)
    check_reason(doc, "cpu_time")
    usage = doc["resource_usage"]
    used = usage["cpu_user_ms"] + usage["cpu_system_ms"]
    check(3000 <= used < 5000, "CPU used with 3000 ms", used)
    check(time.monotonic() - begun < 40, "it was ended soon", time.monotonic() - begun)
    user.settle()


def user_wall_time():
    doc = web.run(SLEEP % 300, wall_time_ms=4000)
    check_reason(doc, "wall_time")
    check(4000 <= doc["resource_usage"]["wall_time_ms"] < 9000, "wall time", doc["resource_usage"])
    user.settle()


def user_cgroup_kill():
    run = web.background(STUBBORN, "forker", wall_time_ms=15000)
    box = box_of_run(user, 8)
    kill = kit.Watch(box + "/cgroup.kill")
    pids = [int(pid) for pid in read(box + "/cgroup.procs").split()]
    run.join(120)
    check_reason(run.answer[2], "wall_time")
    equal(run.answer[2]["stdout"], "forked\n", "stdout")
    check(kill.written(), "cgroup.kill was written to")
    user.settle()
    check(not [pid for pid in pids if os.path.exists("/proc/%d" % pid)], "processes of the box", pids)
    check(not os.path.exists(box), "directory of the box", box)


def user_treadmill():
    doc = web.run(TREADMILL, "forker", wall_time_ms=6000, processes=20)
    check_reason(doc, "wall_time")
    user.settle()


def make_leftover(unit, owner):
    """A box of a killed executor, with a treadmill running in it."""
    box = unit.base + "/box-9999"
    os.mkdir(box)
    write(box + "/pids.max", "30")
    for path in [box] + [box + "/" + name for name in ("cgroup.procs", "cgroup.kill")]:
        os.chown(path, owner, owner)
    subprocess.Popen(["/bin/sh", "-c", 'echo 0 >"$1/cgroup.procs" && exec setpriv --reuid="$2" --clear-groups '
                      '/usr/bin/python3 -c "$3" alone', "sh", box, str(owner), TREADMILL], stdin=subprocess.DEVNULL).wait()
    wait_until(lambda: read(box + "/cgroup.procs").strip(), 10, "the treadmill runs")
    return box


def user_kill_child():
    left = make_leftover(user, pwd.getpwnam("sandgate").pw_uid)
    kill = kit.Watch(left + "/cgroup.kill")
    run = web.background(STUBBORN, "forker")
    box_of_run(user, 8)
    old, main = user.child(), user.main_pid()
    os.kill(old, signal.SIGKILL)
    run.join(60)
    status, headers, problem = run.answer
    check(500 <= status < 600, "status", status)
    equal(headers["Content-Type"], "application/problem+json", "content type: %s" % problem)
    wait_until(lambda: user.child() not in (0, old), 30, "another child")
    equal(user.main_pid(), main, "the supervisor stays")
    web.wait_ready()
    user.settle()
    check(not os.path.exists(left), "leftover of an earlier executor", left)
    check(kill.written(), "the sweep wrote to cgroup.kill")
    equal(web.run(HELLO)["stdout"], "hello\n", "the next request")
    user.settle()


def user_kill_supervisor():
    run = web.background(STUBBORN, "forker")
    box_of_run(user, 8)
    old = user.main_pid()
    os.kill(old, signal.SIGKILL)
    run.join(60)
    check(500 <= run.answer[0] < 600, "status", run.answer)
    wait_until(lambda: user.main_pid() not in (0, old), 60, "systemd starts another supervisor")
    web.wait_ready()
    user.settle()
    equal(web.run(HELLO)["isolation"]["cgroup"].__len__(), 3, "the next request has all controllers")
    user.settle()


def user_stop():
    run = web.background(SLEEP % 5 + '; print("done")')
    box_of_run(user)
    user.stop()
    run.join(60)
    equal((run.answer[0], run.answer[2].get("stdout")), (200, "done\n"), "a run under way: %s" % (run.answer,))
    nothing_left(user, "sandgate")


def templates():
    status, _, runtimes = web.request("GET", "/v1/runtimes")
    equal(status, 200, "status of /v1/runtimes")
    return [t for r in runtimes if r["language"] == "python" for t in r["templates"]]


def user_warm():
    """By CLONE_INTO_CGROUP, below nsdelegate: clones on demand, then clones that wait."""
    kit.start_warm()
    user.stop()  # it runs with the cold files where no case before has stopped it (--only)
    user.start()
    web.wait_ready()
    wait_until(lambda: [t["state"] for t in templates()] == ["ready", "ready"], 240, "templates")
    for code, out in ((HELLO, "hello\n"), (NUMPY, "3.0\n")):
        doc = web.run(code)
        equal((doc["stdout"], doc["timings"]["start"]), (out, "warm"), "a warm run: %s" % doc)
        equal((doc["isolation"]["missing"], sorted(doc["isolation"]["cgroup"]), doc["isolation"]["uid"]),
              ([], ["cpu", "memory", "pids"], "private"), "its isolation")
    doc = web.run("x = [bytearray(1 << 20) for _ in range(500)]", memory_bytes=64 * MIB)
    equal(doc["timings"]["start"], "warm", "start")
    check_reason(doc, "memory")
    doc = web.run("while True: pass", cpu_time_ms=1000)
    equal(doc["timings"]["start"], "warm", "start")
    check_reason(doc, "cpu_time")


def user_warm_template():
    """A launcher that becomes a template was not cloned into its cgroup: it has moved."""
    child = user.child()
    pids = [pid for pid, (ppid, comm) in kit.processes().items() if ppid == child and comm == "sandgate-templ"]
    equal(len(pids), 2, "templates")
    places = {read("/proc/%d/cgroup" % pid).strip() for pid in pids}
    equal(len(places), 2, "one cgroup for each: %s" % places)
    for place in places:
        check(os.path.dirname(place) == "0::" + user.base[len("/sys/fs/cgroup"):] and "/box-" in place, "below the subtree", place)
        box = user.base + "/" + os.path.basename(place)
        for name in ("memory.max", "pids.max", "cpu.max"):
            check(not read(box + "/" + name).startswith("max"), "%s of a template" % name, read(box + "/" + name))
        equal(len(read(box + "/cgroup.procs").split()), 1, "processes of a template")


def user_warm_box():
    run = web.background(SLEEP % 300, memory_bytes=64 * MIB, processes=7, cpu_percent=40, wall_time_ms=20000)
    box = wait_until(lambda: next((b for b in user.boxes() if read(b + "/pids.max").strip() == "8"), None), 60, "the box")
    equal(read(box + "/memory.max").strip(), str(64 * MIB), "memory.max")
    pids = wait_until(lambda: len(read(box + "/cgroup.procs").split()) == 2 and read(box + "/cgroup.procs").split(), 60,
                      "pid 1 and the clone in the box's cgroup")
    own = {pid: os.readlink("/proc/%s/ns/cgroup" % pid) for pid in pids}
    equal(len(set(own.values())), 1, "one cgroup namespace for both")
    check(os.readlink("/proc/self/ns/cgroup") not in own.values(), "it is not the host's")
    run.join(240)
    check_reason(run.answer[2], "wall_time")
    user.stop()
    nothing_left(user, "sandgate")
    kit.start_cold_again()


def nothing_left(unit, name=None):
    equal(command("systemctl", "is-active", unit.name, check=False).strip(), "inactive", "state of the unit")
    check(not os.path.exists(unit.top), "the unit's cgroup", unit.top)
    check(not executors(), "executors", executors())
    wait_until(lambda: not kit.box_ids(), 5, "nobody has a box's id")
    if name:
        equal(command("pgrep", "-u", name, check=False), "", "processes of " + name)
    check(not os.path.exists(kit.SOCKET_DIR), "the socket's directory")


# ---- as root, and as a user without a range ---------------------------------------------------------------------


def root_run():
    root.start()
    web.wait_ready()
    equal((kit.uids(root.main_pid()), kit.uids(root.child())), (0, ID_BASE), "supervisor and child")
    check(os.stat("/proc/%d/ns/user" % root.child()).st_ino != os.stat("/proc/self/ns/user").st_ino,
          "the child has a user namespace of its own")
    run = web.background(SLEEP % 3 + '; print("hello")')
    box = box_of_run(root)
    ids = {kit.uids(int(pid)) for pid in read(box + "/cgroup.procs").split()}
    check(len(ids) == 2 and all(ID_BASE < i < ID_BASE + 65536 for i in ids), "ids of the box", ids)
    run.join(120)
    status, _, doc = run.answer
    equal((status, doc.get("stdout")), (200, "hello\n"), "result: %s" % doc)
    equal((sorted(doc["isolation"]["cgroup"]), doc["isolation"]["uid"], doc["isolation"]["missing"]),
          (["cpu", "memory", "pids"], "private", []), "isolation")
    root.settle()


def root_memory():
    root.start()
    web.wait_ready()
    memory_exact(root, HOG_CHILD, "forker")


def root_kill_child():
    root.start()
    web.wait_ready()
    run = web.background(STUBBORN, "forker")
    box_of_run(root, 8)
    old = root.child()
    os.kill(old, signal.SIGKILL)
    run.join(60)
    check(500 <= run.answer[0] < 600, "status", run.answer)
    wait_until(lambda: root.child() not in (0, old), 30, "another child")
    web.wait_ready()
    root.settle()
    equal(web.run(HELLO)["stdout"], "hello\n", "the next request")
    root.settle()


def root_stop():
    root.start()
    root.stop()
    nothing_left(root)


def root_private():
    """From a cgroup that others live in, as in a login session: that one can pass no controller on."""
    for unit in (user, plain, root):
        unit.stop()
    write("/run/private.conf", "native {\n}\n")
    write("/run/private.py", SLEEP % 3 + '; print("hello")\n')
    check(len(read("/sys/fs/cgroup/system.slice/sandgate-vm.service/cgroup.procs").split()) > 1, "others live here")
    runs = [subprocess.Popen(["/usr/bin/sandgate", "-c", "/run/private.conf", "run", "--json", "/run/private.py"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(4)]
    for run in runs:
        out, err = run.communicate(timeout=120)
        equal(run.returncode, 0, "exit status; %s%s" % (out, err))
        doc = json.loads(out)
        equal((doc["stdout"], sorted(doc["isolation"]["cgroup"]), doc["isolation"]["missing"]),
              ("hello\n", ["cpu", "memory", "pids"], []), "result")
    wait_until(lambda: not executors(), 10, "private executors are gone")
    equal(command("find", "/sys/fs/cgroup", "-name", "box-*", "-o", "-name", "executor"), "", "cgroups that are left")
    equal(command("find", "/sys/fs/cgroup", "-name", "sandgate"), "", "cgroups that are left")


def plain_run():
    plain.start()
    web.wait_ready()
    check("has no range" in plain.log(), "the log says why", plain.log())
    doc = web.run(HELLO)
    equal((doc["success"], doc["stdout"]), (True, "hello\n"), "result: %s" % doc)
    equal((sorted(doc["isolation"]["cgroup"]), doc["isolation"]["uid"], doc["isolation"]["missing"]),
          (["cpu", "memory", "pids"], "shared", ["private_uid"]), "isolation")
    check_reason(web.run(HOG, memory_bytes=64 * MIB), "memory")
    plain.settle()
    plain.stop()
    nothing_left(plain, "plain")


# ---- the Debian package, after all others: its service has the same place of sockets ------------------------------


def package_install():
    """What was installed without a package, and its user, go first."""
    for unit in (user, plain, root):
        unit.stop()
    web.stop()
    package.clear()
    package.install()


CASES = [
    (user_ready, "ordinary user, Delegate=: the executor is ready"),
    (user_hello, "a run through nginx: success, cgroup memory, cpu, pids, uid private, nothing missing"),
    (user_numpy, "NumPy through nginx"),
    (user_live_box, "a live box: limits in its cgroup's files, two ids of the range, everybody in the right cgroup"),
    (user_memory, "64 MiB: reason memory, from the kernel's own count, peak at the limit"),
    (user_memory_group, "64 MiB in a child: memory.oom.group ends the parent and pid 1 too, reason memory"),
    (user_memory_is_not_guessed, "SIGKILL without the limit met is no memory verdict"),
    (user_processes, "processes: reason when it failed, limits_hit when it went on, the peak"),
    (user_cpu_percent, "cpu_percent 20: throttled to a fifth of a CPU"),
    (user_cpu_time, "cpu_time_ms: ended with reason cpu_time"),
    (user_wall_time, "wall_time_ms: ended, nothing left"),
    (user_cgroup_kill, "children that ignore signals: cgroup.kill was used, nothing left, no box directory"),
    (user_treadmill, "a fork treadmill: ended, nothing left"),
    (user_kill_child, "SIGKILL of the working child: 5xx, another one, leftovers swept, next request works"),
    (user_kill_supervisor, "SIGKILL of the supervisor: systemd starts another in the delegated cgroup"),
    (user_stop, "systemctl stop: the run under way ends well, then no process and no cgroup"),
    (user_warm, "templates: their clones are born in the box's cgroup; memory and CPU time are told exactly"),
    (user_warm_template, "templates: each in a cgroup of its own, with the limits of limits_max"),
    (user_warm_box, "templates: a live box with a clone: limits, one cgroup namespace; stop leaves nothing"),
    (root_run, "as root: a user namespace of its own, ids of native.id_base"),
    (root_memory, "as root: 64 MiB in a child, reason memory"),
    (root_kill_child, "as root: SIGKILL of the working child"),
    (root_stop, "as root: systemctl stop leaves nothing"),
    (root_private, "as root without a service, from a cgroup that others live in: all limits, nothing left"),
    (plain_run, "ordinary user without a range of ids: one id, said so; memory limit; stop leaves nothing"),
    (package_install, "the Debian package: the previous build installed, active, an ordinary user, ready"),
    *package.CASES,
]


def diagnose():
    for path in ("/run/sandgate-user.log", "/run/sandgate-root.log", "/run/sandgate-plain.log", "/run/web.log",
                 "/run/sandgate/nginx-error.log", "/var/log/nginx/error.log"):
        if os.path.exists(path):
            for line in read(path).splitlines()[-12:]:
                kit.say("# %s: %s" % (os.path.basename(path), line))
    for line in command("ps", "-eo", "pid,ppid,user,cgroup,args", check=False).splitlines():
        if "sandgate" in line or "python" in line:
            kit.say("# " + line[:200])


def chosen():
    """All cases; or, with sandgate.only=WORD on the kernel's command line, those named so, and the one that starts the web side."""
    word = re.search(r"sandgate\.only=(\w+)", read("/proc/cmdline"))
    return [row for row in CASES if not word or word.group(1) in row[0].__name__ or row[0] is user_ready]


def main():
    kit.prepare()
    kit.facts()
    cases = chosen()
    for number, (case, title) in enumerate(cases, 1):
        begun, result = time.monotonic(), "ok"
        try:
            case()
        except Exception as e:  # pylint: disable=broad-except
            result = "not ok"
            for line in (traceback.format_exc() if not isinstance(e, AssertionError) else str(e)).splitlines():
                kit.say("# " + line)
            diagnose()
        kit.say("%s %d - %s" % (result, number, title))
        kit.say("# %.1f s" % (time.monotonic() - begun))
        if result != "ok" and case is user_ready:
            return 1  # nothing else can pass, and each case would wait for its time-out
    kit.say("1..%d" % len(cases))
    return 0


if __name__ == "__main__":
    sys.exit(main())
