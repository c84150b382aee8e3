"""Languages that are added by a file of runtimes.d: Bash, Ruby, Lua, Perl, and one that is not shipped; `sandgate runtimes --check`."""

import base64
import os
import re
import subprocess

import pytest
from stack import ROOT, Stack

LANGUAGES = ("bash", "lua", "perl", "ruby")
EXECUTORS = ["root", "rootless"] if ROOT else ["rootless"]
DOCKER = pytest.param("docker", marks=pytest.mark.xdist_group("docker"))
# A shell in a container: what it can do, and what it cannot.
contained_too = pytest.mark.parametrize("shared_stack", EXECUTORS + [DOCKER], indirect=True, scope="module")


@pytest.fixture(scope="module", params=EXECUTORS)
def shared_stack(request):
    if request.param == "docker":
        from docker_stack import DockerStack
        one = DockerStack(request.getfixturevalue("docker_engine"), languages=("python", "bash", "lua"), start="cold", waiting=0,
                          images={"bash": "sandgate-gcc"})
    else:
        one = Stack(executor=request.param, languages=("python",) + LANGUAGES, start="cold")
    yield one.start_counted()
    one.stop()


def run(stack, language, code, **fields):
    return stack.run(code, language=language, **fields)


def said(doc):
    return doc["status"], doc["stdout"], doc["stderr"], doc["termination"]["reason"]


def fine(stdout):
    return "success", stdout, "", "exited"


# ---- each of them does what a program is asked to do -------------------------------------------------------------

EVERYTHING = {
    "bash": 'read -r line; echo "$1 $2 $line $(cat data/a.txt) $GREETING $HOME $LANG"; exit 7',
    "lua": 'print(arg[1], arg[2], io.read(), io.open("data/a.txt"):read("a"), os.getenv("GREETING"), os.getenv("HOME"), '
           'os.getenv("LANG"))\nos.exit(7)',
    "perl": '$, = " "; chomp(my $line = <STDIN>); open(my $f, "<", "data/a.txt"); print @ARGV, $line, <$f>, @ENV{qw(GREETING HOME '
            'LANG)}; print "\\n"; exit 7',
    "ruby": 'puts [ARGV, STDIN.gets.chomp, File.read("data/a.txt"), ENV.values_at("GREETING", "HOME", "LANG")].flatten.join(" ")\n'
            'exit 7',
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_program_is_given(stack, language):
    doc = run(stack, language, EVERYTHING[language], stdin="from stdin\n", args=["one", "two"], env={"GREETING": "hello"},
              files=[{"path": "data/a.txt", "content": "from a file"}])
    assert doc["stdout"].split() == "one two from stdin from a file hello /work C.UTF-8".split(), doc
    assert (doc["exit_code"], doc["status"], doc["stderr"]) == (7, "failed", ""), doc
    assert doc["runtime"]["language"] == language and re.match(r"\d+\.\d+", doc["runtime"]["version"]), doc


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_that_is_wrong(stack, language):
    doc = run(stack, language, "((((")
    assert doc["status"] == "failed" and doc["exit_code"] > 0 and "main." in doc["stderr"], doc


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_printed_by_nothing(stack, language):
    assert said(run(stack, language, "")) == fine("")


MISSING = {"lua": "require 'socket'", "perl": "use Foo::Bar;", "ruby": "require 'nokogiri_of_nobody'"}


@pytest.mark.parametrize("language", MISSING)
def test_a_module_that_is_not_installed(stack, language):
    doc = run(stack, language, MISSING[language])
    assert doc["status"] == "failed" and "/v1/runtimes" in doc["termination"]["hint"], doc


LOOPS = {"bash": "while :; do :; done", "lua": "while true do end", "perl": "1 while 1", "ruby": "loop {}"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_that_runs_too_long(stack, language):
    doc = run(stack, language, LOOPS[language], timeout=0.5)
    assert doc["termination"]["reason"] == "wall_time" and doc["exit_code"] is None, doc


def test_catalog(stack):
    found = {r["language"]: r for r in stack.get("/v1/runtimes").json}
    assert set(found) == {"python", *LANGUAGES}
    for language in LANGUAGES:
        assert found[language]["ready"] and found[language]["start"] == "cold" and not found[language]["compiled"], found
    assert found["bash"]["aliases"] == ["sh", "shell"] and found["bash"]["packages"]["coreutils"]


# ---- an interpreter executes nothing; a shell what the box has ---------------------------------------------------

EXECUTE = {
    "lua": 'print(os.execute("/usr/bin/true"))',
    "perl": 'system("/usr/bin/true"); print "$!\\n"; exec("/usr/bin/true") or print "$!\\n"',
    "ruby": 'for way in [-> { system("/usr/bin/true", exception: true) }, -> { exec("/usr/bin/true") }, -> { fork {} }, -> { `id` }]\n'
            '  begin\n    way.call\n    puts "did it"\n  rescue SystemCallError => e\n    puts e.class\n  end\nend',
}


@pytest.mark.parametrize("language", EXECUTE)
def test_an_interpreter_makes_no_process_and_executes_nothing(stack, language):
    doc = run(stack, language, EXECUTE[language])
    assert doc["isolation"]["one_exec"] is True and doc["isolation"]["seccomp"] == "generic", doc["isolation"]
    assert "one_exec" not in doc["isolation"]["missing"]
    wanted = {"lua": "nil", "perl": "Operation not permitted\nFunction not implemented\n",
              "ruby": "Errno::EPERM\nErrno::ENOSYS\nErrno::EPERM\nErrno::EPERM\n"}
    assert doc["stdout"].startswith(wanted[language]) and "did it" not in doc["stdout"], doc


@contained_too
def test_a_shell_is_attested_as_what_it_is(stack):
    contained = stack.name_of_engine == "docker"
    doc = run(stack, "bash", "ls / | sort | grep '^[b-d][ie][nv]$' | tr a-z A-Z; echo ${PIPESTATUS[*]}")
    assert said(doc) == fine("BIN\nDEV\n0 0 0 0\n"), doc
    held = doc["isolation"]
    assert held["one_exec"] is False and "one_exec" in held["missing"], held
    assert (held["seccomp"], held["seccomp_filters"], held["no_new_privs"], held["capabilities"]) == ("shell", 4 if contained else 2, True, []), held
    assert (held["network"], held["rootfs"], held["rlimits"]) == ("none", "ro", True), held
    assert doc["resource_usage"]["processes_peak"] in ((None, 2, 3, 4, 5) if contained else (2, 3, 4, 5)), doc["resource_usage"]
    assert run(stack, "python", "print(1)")["isolation"]["one_exec"] is True


WORK = {
    "arrays": ('declare -A a=([x]=1 [y]=2); for k in x y; do ((s += a[$k])); done; echo $s ${#a[@]}', "3 2\n"),
    "here_documents": ('cat <<< one; cat << END\ntwo $((1 + 1))\nEND', "one\ntwo 2\n"),
    "process_substitution": ("diff <(echo a) <(echo b); echo $?", "1c1\n< a\n---\n> b\n1\n"),
    "background": ("{ for i in 1 2 3; do (sleep 0.0$i; echo $i) & done; wait; } | sort; echo done", "1\n2\n3\ndone\n"),
    "traps": ("trap 'echo term' TERM; kill $$; trap 'echo end' EXIT", "term\nend\n"),
    "subshells": ("x=1; (x=2; exit 3); echo $x $?", "1 3\n"),
    "timeout": ("timeout 0.2 sleep 5; echo $?", "124\n"),
    "streams_by_name": ("echo a > /dev/stdout; echo b | tee /dev/stderr 2>&1 > /dev/null; awk 'BEGIN { print \"c\" > \"/dev/stdout\" }'",
                        "a\nb\nc\n"),
    "awk_sed_grep": ("seq 5 | awk '{s += $1} END {print s}' | sed s/5/6/ | grep -c 6", "1\n"),
    "files": ("mkdir -p d/e; cp main.sh d/e; mv d/e d/f; ln -s f/main.sh d/l; find d -type l -o -type f | sort; rm -r d; ls",
              "d/f/main.sh\nd/l\nmain.sh\n"),
    "xargs": ("printf '%s\\n' a b c | xargs -n 1 -P 2 echo | sort | xargs", "a b c\n"),
    "coprocesses": ("coproc c { cat; }; echo hi >&${c[1]}; read -r x <&${c[0]}; echo $x", "hi\n"),
    "dates": ("date -u -d @0 +%F; printf '%(%Y)T\\n' 0", "1970-01-01\n1970\n"),
    "compression": ("seq 1000 | gzip -c | gunzip -c | tail -n 1; tar -cf - main.sh | tar -tf -", "1000\nmain.sh\n"),
    "threads": ("seq 300000 | sort --parallel=4 -n -r | head -n 1", "300000\n"),
    "job_control": ("set -m; sleep 1 & fg > /dev/null; echo $?", "0\n"),
    "interpreters": ("python3 -c 'print(6 * 7)'; perl -e 'print 1 + 1, \"\\n\"'", "42\n2\n"),
    "status_of_the_last": ("true | false; echo $?; set -o pipefail; false | true; echo $?", "1\n1\n"),
}


@contained_too
@pytest.mark.parametrize("name", WORK)
def test_work_of_a_shell(stack, name):
    program, output = WORK[name]
    if stack.name_of_engine == "docker":
        program, output = program.replace("perl -e 'print 1 + 1, \"\\n\"'", "echo 2"), output  # its image has no Perl
    doc = run(stack, "bash", program)
    assert said(doc) == fine(output), doc


# ---- what a shell could do, and does not -------------------------------------------------------------------------

WRITTEN = {
    "a copy": "cp /usr/bin/true /tmp/x; /tmp/x",
    "a copy in the working directory": "cp /usr/bin/true x; ./x",
    "a copy in shared memory": "cp /usr/bin/true /dev/shm/x; /dev/shm/x",
    "a script with an interpreter": "printf '#!/usr/bin/python3\\nprint(1)\\n' > x; chmod +x x; ./x",
    "by the loader": "cp /usr/bin/true /tmp/x; /lib64/ld-linux-x86-64.so.2 /tmp/x",
    "a library": "cp /lib/x86_64-linux-gnu/libz.so.1 /tmp/x.so; LD_PRELOAD=/tmp/x.so /usr/bin/true 2>&1 | grep -q 'cannot be preloaded' "
                 "&& exit 1",
    "a memfd": "python3 -c 'import os; os.memfd_create(\"x\")'",
    "by descriptor": "python3 -c 'import os; os.execve(os.open(\"/usr/bin/true\", os.O_PATH), [\"true\"], {})'",
    "a mapping": "python3 -c 'import mmap; f = open(\"main.sh\"); mmap.mmap(f.fileno(), 0, prot=mmap.PROT_EXEC | mmap.PROT_READ, "
                 "flags=mmap.MAP_PRIVATE)'",
    "a set-id program": "cp /usr/bin/id x && chmod 4755 x && ./x",
}


@contained_too
@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_cannot_be_executed(stack, name):
    doc = run(stack, "bash", WRITTEN[name])
    assert doc["status"] == "failed" and doc["exit_code"] in (1, 126, 127), doc
    assert re.search("not permitted|Permission denied|failed to map segment", doc["stderr"]) or name == "a library", doc


@contained_too
@pytest.mark.parametrize("program", ["/lib64/ld-linux-x86-64.so.2 /proc/self/fd/0", "/proc/self/fd/0", "exec /dev/stdin",
                                     "cat > x; /lib64/ld-linux-x86-64.so.2 ./x"])
def test_what_is_sent_as_input_cannot_be_executed(stack, program):
    with open("/usr/bin/true", "rb") as f:
        elf = base64.b64encode(f.read()).decode()
    doc = run(stack, "bash", program, stdin={"content": elf, "encoding": "base64"})
    assert doc["status"] == "failed" and doc["exit_code"] in (1, 126, 127), doc
    assert re.search("not permitted|Permission denied|failed to map segment", doc["stderr"]), doc


@contained_too
@pytest.mark.parametrize("program", ["sleep 1000 &", "setsid sleep 1000 & disown", "(trap '' TERM HUP INT; sleep 1000 > /dev/null) &",
                                     "nohup sleep 1000 > /dev/null 2>&1 &", "sleep 0.2 & w=$!; while :; do sleep 1000 & done & wait $w",
                                     "sleep 1000 & kill -STOP $!"])
def test_nobody_outlives_the_program(stack, program):
    doc = run(stack, "bash", program + "\necho ended", timeout=20)
    assert doc["stdout"] == "ended\n" and doc["status"] == "success", doc
    assert doc["timings"]["run_ms"] < 15000, doc["timings"]


BOMBS = {
    "fork_bomb": ":() { : | : & }; :; wait",
    "exec_bomb": "exec bash main.sh & exec bash main.sh & wait; bash main.sh & bash main.sh & wait",
    "wide": "for i in $(seq 5000); do sleep 1000 & done; wait",
}


@contained_too
@pytest.mark.needs_cgroups
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_bounded(stack, name):
    doc = run(stack, "bash", BOMBS[name], timeout=6, limits={"processes": 40})
    assert doc["termination"]["reason"] in ("processes", "wall_time", "memory", "exited"), doc
    assert "processes" in doc["termination"]["limits_hit"] and (doc["resource_usage"]["processes_peak"] or 0) <= 41, doc
    assert run(stack, "python", "print(1)")["stdout"] == "1\n"


@contained_too
@pytest.mark.parametrize("target", ["-9 -1", "-9 1", "-STOP 1", "-STOP -1"])
def test_signals(stack, target):
    """kill(2) to everybody spares who calls; pid 1 cannot be reached from inside."""
    doc = run(stack, "bash", "kill %s; sleep 0.1; echo survived" % target)
    assert (doc["termination"]["reason"], doc["stdout"]) == ("exited", "survived\n"), doc


@contained_too
def test_a_program_that_kills_itself(stack):
    doc = run(stack, "bash", "sleep 1000 & kill -9 $$")
    assert (doc["termination"]["reason"], doc["signal"], doc["exit_code"]) == ("signaled", "SIGKILL", None), doc


OTHERS = """
import ctypes, os, signal, subprocess, time
libc = ctypes.CDLL(None, use_errno=True)
victim = subprocess.Popen(["sleep", "100"])
time.sleep(0.1)
text = ctypes.create_string_buffer(64)
for name, call in {
    "ptrace": lambda: libc.ptrace(16, victim.pid, 0, 0),
    "process_vm_readv": lambda: libc.syscall(310, victim.pid, text, 1, text, 1, 0),
    "pidfd_open": lambda: libc.syscall(434, victim.pid, 0),
    "kcmp": lambda: libc.syscall(312, os.getpid(), victim.pid, 0, 0, 0),
    "user namespace": lambda: libc.unshare(0x10000000),
    "a child in one": lambda: libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0),
    "its own parent's child": lambda: libc.syscall(56, 0x8000 | 17, 0, 0, 0, 0),
    "a traced child": lambda: libc.syscall(56, 0x2000 | 17, 0, 0, 0, 0),
    "the words of the box's execve": lambda: libc.syscall(59, b"/usr/bin/true", None, None,
                                                          ctypes.c_ulong(0x5347656e74657231), ctypes.c_ulong(0x5347656e74657232)),
}.items():
    result = call()
    print(name, result, os.strerror(ctypes.get_errno()))
"""


@contained_too
def test_processes_do_not_reach_into_each_other(stack):
    doc = run(stack, "bash", "python3 x.py", files=[{"path": "x.py", "content": OTHERS}])
    found = dict(line.rsplit(" -1 ", 1) for line in doc["stdout"].splitlines())
    refused, unknown = "Operation not permitted", "Function not implemented"
    assert found == {"ptrace": refused, "process_vm_readv": refused, "pidfd_open": refused, "kcmp": refused,
                     "user namespace": refused, "a child in one": unknown, "its own parent's child": unknown,
                     "a traced child": unknown, "the words of the box's execve": unknown}, doc


@pytest.mark.parametrize("shared_stack", [DOCKER], indirect=True, scope="module")
def test_a_shell_in_a_container(stack):
    """Of /proc its children see less than it does itself, and nothing of pid 1, whose user they have; a language without an
    image is not there, and that is said."""
    doc = run(stack, "bash", "exec 3<>/dev/tcp/127.0.0.1/1; echo $?; read -r x < /proc/self/stat && echo own; cat /proc/self/stat; "
                             "cat /proc/1/environ /proc/1/cmdline | wc -c; echo x > /proc/1/fd/1; cat /etc/hostname; ls /root/.profile; "
                             "cat /dev/stdin", stdin="input")
    assert doc["stdout"] == "1\nown\n0\nsandbox\ninput" and doc["stderr"].count("Permission denied") == 4, doc
    assert doc["resource_usage"]["network_tx_bytes"] == 0
    problem = stack.post({"language": "lua", "code": "", "validate": False}).problem()
    assert (problem["status"], problem["code"]) == (422, "unknown_runtime"), problem
    assert "the engine docker has no image for lua" in problem["detail"], problem


def test_no_network_and_no_host(stack):
    doc = run(stack, "bash", "exec 3<>/dev/tcp/127.0.0.1/1; echo $?; ls /home /root /var 2>&1 | grep -c 'No such'; ls /proc | grep -c "
                             "'^[0-9]'; cat /proc/1/environ /proc/1/cmdline 2>/dev/null | wc -c; hostname 2>/dev/null || cat "
                             "/etc/hostname")
    assert doc["stdout"].split()[:2] == ["1", "3"] and doc["stdout"].split()[3:] == ["0", "sandbox"], doc
    assert doc["resource_usage"]["network_tx_bytes"] == 0


# ---- not scored --------------------------------------------------------------------------------------------------


def test_a_language_without_rules_is_run_only_where_that_is_said(stack):
    problem = stack.post({"language": "bash", "code": "echo 1"}).problem()
    assert (problem["status"], problem["code"]) == (422, "validation_unavailable"), problem
    assert problem["errors"][0]["pointer"] == "/validate", problem
    assert problem["hint"] == 'send "validate": false to run the code in the sandbox without a risk score'
    for policy in ("strict", "balanced"):
        assert stack.post({"language": "bash", "code": "echo 1", "policy": policy}).problem()["code"] == "validation_unavailable"
    doc = stack.post({"language": "bash", "code": "echo 1", "policy": "report"}).json
    assert (doc["stdout"], doc["risk_score"], doc["validation"]["decision"]) == ("1\n", None, "skipped"), doc
    assert stack.post({"language": "bash", "code": "echo 1", "policy": "report"}, path="/v1/validate").status == 422


def test_where_nothing_is_run_nothing_is_advised(stack):
    """/v1/validate does not take "validate"."""
    problem = stack.post({"language": "bash", "code": "echo 1"}, path="/v1/validate").problem()
    assert (problem["code"], problem["hint"]) == ("validation_unavailable", None)
    assert problem["errors"] == [{"pointer": "/language", "detail": "is bash, and there are no rules for it"}]


# ---- files of runtimes.d -----------------------------------------------------------------------------------------

AWK = """language = awk
extensions = { awk }
entry = main.awk
command = { /usr/bin/awk, -f, "{file}" }
environment = { "LANG=C.UTF-8", "TZ=UTC", "HOME=/work", "TMPDIR=/tmp" }
profile = generic
optional = on
probe = 'BEGIN { print "version 1" }'
self_test = 'BEGIN { if (index("sandgate", "gate") == 5) print "ok" }'
"""


def put_runtime(name, text):
    def put(stack):
        with open(stack.path("conf", "sandgate", "runtimes.d", name + ".conf"), "w") as f:
            f.write(text)
    return put


def check(stack, *args):
    done = subprocess.run([stack.path("bin", "sandgate"), "-c", stack.path("conf", "sandgate.conf"), "runtimes", "--check", *args],
                          capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_one_file_adds_a_language(make_stack):
    """Any interpreter that the system has: here one that nothing of ours knows of."""
    stack = make_stack(slots=1, queue=1, workers=2, languages=(), start="cold", before=put_runtime("awk", AWK))
    doc = run(stack, "awk", "{ s += $1 } END { print s, ARGC }", stdin="1\n2\n")
    assert said(doc) == fine("3 1\n") and doc["isolation"]["one_exec"] is True, doc
    doc = run(stack, "awk", 'BEGIN { system("id"); "date" | getline x; print "nothing", x }')
    assert "uid" not in doc["stdout"], doc
    status, lines, _ = check(stack)
    assert status == 0 and re.fullmatch(r"awk 1: passed \(cold start, \d+ ms\)", lines[0]) and len(lines) == 1, lines


def test_an_interpreter_that_is_not_there(make_stack):
    stack = make_stack(slots=1, queue=1, workers=2, languages=("python",), start="cold",
                       before=put_runtime("awk", AWK.replace("/usr/bin/awk", "/usr/bin/awk-of-nowhere")))
    assert stack.get("/ready").status == 200
    problem = stack.post({"language": "awk", "code": "", "validate": False}).problem()
    assert problem["code"] == "unknown_runtime" and "there is no /usr/bin/awk-of-nowhere" in problem["detail"], problem
    status, lines, _ = check(stack)
    assert (status, lines[0]) == (0, "awk: not available: there is no /usr/bin/awk-of-nowhere"), lines
    assert lines[1].startswith("python 3.") and "passed" in lines[1], lines


FAILING = {
    "says nothing": ("BEGIN { }", "It printed something else than ok."),
    "says more": ('BEGIN { print "ok\\nok" }', "It printed something else than ok.; stdout: ok ok"),
    "fails": ('BEGIN { print "ok"; print "broken" > "/dev/stderr"; exit 3 }', "The program ended with exit code 3.; stderr: broken"),
    "is wrong": ("BEGIN {", "The program ended with exit code"),
    "writes bytes": ('BEGIN { printf "\\001\\033[31m\\n" }', "stdout:   [31m"),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_self_test_that_fails(make_stack, name):
    program, reason = FAILING[name]
    text = AWK.split("self_test")[0] + "self_test = '%s'\n" % program
    stack = make_stack(slots=1, queue=1, workers=2, languages=("python",), start="cold", before=put_runtime("awk", text))
    status, lines, _ = check(stack)
    assert status == 1 and lines[0].startswith("awk 1: FAILED: ") and reason in lines[0], lines
    assert lines[1].startswith("python") and "passed" in lines[1], lines


def test_every_shipped_self_test_passes(shared_stack):
    status, lines, err = check(shared_stack)
    assert status == 0 and len(lines) == 5, (lines, err)
    for line in lines:
        assert re.fullmatch(r"\S+ [\d.]+: passed \(cold start, \d+ ms\)", line), line


def test_check_without_an_executor(shared_stack, tmp_path):
    path = str(tmp_path / "lost.conf")
    with open(shared_stack.path("conf", "sandgate.conf")) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("native.sock", "nobody.sock"))
    done = subprocess.run([shared_stack.path("bin", "sandgate"), "-c", path, "runtimes", "--check"], capture_output=True, text=True)
    assert done.returncode == 125 and "nobody.sock" in done.stderr, done
    done = subprocess.run([shared_stack.path("bin", "sandgate"), "-c", path, "runtimes", "--check", "--json"], capture_output=True, text=True)
    assert done.returncode == 2 and "--check prints no JSON" in done.stderr, done


def test_a_private_executor_checks_too(shared_stack, tmp_path):
    """As someone who tries it at a terminal, without a service."""
    with open(shared_stack.path("conf", "sandgate.conf")) as f:
        lines = [line for line in f if not re.match(r"\s*(socket|socket_mode|peers|allow_missing)\b", line)]
    path = str(tmp_path / "private.conf")
    text = "".join(lines).replace('cgroup = "%s"' % shared_stack.name, 'cgroup = "%s-check"' % shared_stack.name)
    with open(path, "w") as f:
        f.write(text + "native {\n allow_missing = { landlock, private_uid, cgroup_memory, cgroup_pids, cgroup_cpu }\n}\n")
    done = subprocess.run([shared_stack.path("bin", "sandgate"), "-c", path, "runtimes", "--check"], capture_output=True, text=True,
                          timeout=120, env={**os.environ, "SANDGATE_CONFIG": path})
    assert done.returncode == 0 and done.stdout.count("passed") == 5, done
