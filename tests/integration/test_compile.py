"""The compile stage, of both engines: C and C++; what a compiler and its product cannot do; what is taken of a product."""

import json
import os
import re
import subprocess
import time

import pytest
from events import Events, output
from stack import ROOT, Stack, wait_until

EXECUTORS = ["root", "rootless"] if ROOT else ["rootless"]
DOCKER = pytest.param("docker", marks=pytest.mark.xdist_group("docker"))
# What an engine has no part in, or takes long: once is enough.
natively = pytest.mark.parametrize("shared_stack", EXECUTORS, indirect=True, scope="module")

# A language whose compiler is a script of the request: it leaves whatever it likes.
ANY = """language = any
extensions = { any }
entry = main.any
compile = { /usr/bin/bash, "{file}", "{product}" }
compile_profile = shell
compile_limits = { "wall_time_ms=4s", "processes=16", "file_bytes=4m" }
command = { "{product}" }
environment = { "PATH=/usr/bin:/bin", "TMPDIR=/tmp" }
profile = generic
optional = on
probe = 'cp /usr/bin/true $1'
"""
# In containers it works as a language, so that nothing is tried again while tests count; its image has GCC, too.
PROBE = """probe = 'echo "int puts(const char *); int main(void) { return puts(\\"version 1\\") < 0; }" | gcc -x c -o $1 -'
"""
IMAGE = "sandgate-gcc"
# C with less for the compiler than a request may have.
NARROW = 'compile_limits = { "memory_bytes=100m", "output_bytes=4k" }\n'


def add_languages(stack):
    at = stack.path("conf", "sandgate", "runtimes.d")
    contained = stack.name_of_engine == "docker"
    with open(os.path.join(at, "any.conf"), "w") as f:
        f.write(re.sub(r"(?m)^probe = .*\n", lambda _: PROBE, ANY) + "image = %s\n" % IMAGE if contained else ANY)
    with open(os.path.join(at, "c.conf")) as f:
        text = f.read()
    text = re.sub(r"(?m)^aliases .*\n|^extensions .*\n", "", text).replace("language   = c\n", "language   = narrow\n")
    with open(os.path.join(at, "narrow.conf"), "w") as f:
        f.write(text + NARROW)


@pytest.fixture(scope="module", params=EXECUTORS + [DOCKER])
def shared_stack(request):
    options = {"languages": ("python", "c", "cpp"), "start": "cold", "before": add_languages}
    if request.param == "docker":
        from docker_stack import DockerStack
        one = DockerStack(request.getfixturevalue("docker_engine"), images={"c": IMAGE, "cpp": IMAGE}, waiting=0, **options)
    else:
        one = Stack(executor=request.param, **options)
    yield one.start_counted()
    one.stop()


def run(stack, code, language="c", **fields):
    return stack.run(code, language=language, **fields)


RUNS_MEMBERS = ("exit_code", "signal", "stdout", "stdout_encoding", "stdout_truncated", "stdout_bytes", "stdout_omitted_at",
                "stderr", "stderr_encoding", "stderr_truncated", "stderr_bytes", "stderr_omitted_at", "termination",
                "denied_syscalls", "resource_usage", "isolation")


def not_compiled(doc):
    """The answer of code that was not compiled; gives its member `compile`."""
    assert (doc["status"], doc["success"]) == ("failed", False), doc
    assert doc["error"].startswith("The code was not compiled: ") and doc["compile"]["error"] == doc["error"], doc
    for member in RUNS_MEMBERS:
        assert doc[member] is None, member
    assert doc["timings"]["run_ms"] is None and doc["timings"]["start"] is None, doc["timings"]
    return doc["compile"]


# ---- what it is for ----------------------------------------------------------------------------------------------

C = """
#include <stdio.h>
#include <stdlib.h>
#include "inc/greet.h"
int main(int n, char **v)
{
    char line[64] = "";
    fgets(line, sizeof line, stdin);
    printf("%s %s %d %s %s %s %s", GREET, v[0], n, v[1], getenv("GREETING"), getenv("HOME"), line);
    FILE *f = fopen("inc/greet.h", "r");
    fprintf(stderr, "%c\\n", f ? fgetc(f) : '-');
    return 7;
}
"""
CPP = """
#include <iostream>
#include <string>
#include <cstdlib>
#include "inc/greet.h"
int main(int n, char **v)
{
    std::string line;
    std::getline(std::cin, line);
    std::cout << GREET << " " << v[0] << " " << n << " " << v[1] << " " << std::getenv("GREETING") << " " << std::getenv("HOME")
              << " " << line << "\\n";
    std::cerr << "#\\n";
    return 7;
}
"""


@pytest.mark.parametrize("language,code", [("c", C), ("c++", CPP)])
def test_a_program_is_compiled_and_run(stack, language, code):
    doc = run(stack, code, language, args=["one"], env={"GREETING": "hello"}, stdin="from stdin\n",
              files=[{"path": "inc/greet.h", "content": '#define GREET "greet"\n'}])
    assert doc["stdout"] == "greet main 2 one hello /work from stdin\n", doc
    assert (doc["stderr"], doc["exit_code"], doc["status"]) == ("#\n", 7, "failed"), doc
    made = doc["compile"]
    assert (made["status"], made["exit_code"], made["stdout"], made["stderr"], made["error"]) == ("success", 0, "", "", None), made
    assert made["termination"]["reason"] == "exited" and made["termination"]["hint"] is None, made
    assert made["resource_usage"]["wall_time_ms"] > 1 and made["timings"]["run_ms"] > 1, made
    assert set(RUNS_MEMBERS) <= set(made) and made["timings"]["start"] == "cold", made
    assert doc["runtime"]["language"] == language and doc["runtime"]["version"].count(".") == 2


def test_each_stage_is_attested_as_what_it_is(stack):
    doc = run(stack, "int main(void) { return 0; }")
    held, compilers = doc["isolation"], doc["compile"]["isolation"]
    assert (held["seccomp"], held["one_exec"]) == ("generic", True) and "one_exec" not in held["missing"], held
    assert (compilers["seccomp"], compilers["one_exec"]) == ("compiler", False) and "one_exec" in compilers["missing"], compilers
    same = ("namespaces", "no_new_privs", "capabilities", "rootfs", "proc", "network", "cgroup", "rlimits", "landlock_abi", "uid")
    assert {m: held[m] for m in same} == {m: compilers[m] for m in same}
    # A container has two before: the Engine's, and that of its pid 1.
    assert held["seccomp_filters"] == compilers["seccomp_filters"] == (4 if stack.name_of_engine == "docker" else 2)


def test_interpreted_languages_have_no_compile_stage(stack):
    assert run(stack, "print(1)", "python")["compile"] is None
    rejected = stack.post({"language": "python", "code": "import os"}).json
    assert rejected["status"] == "rejected" and rejected["compile"] is None


def test_catalog(stack):
    found = {r["language"]: r for r in stack.get("/v1/runtimes").json}
    assert found["c"]["compiled"] and found["c++"]["compiled"] and not found["python"]["compiled"], found
    assert found["c"]["ready"] and found["c"]["packages"]["glibc"] and found["c++"]["aliases"] == ["cpp", "cxx", "g++"], found


def test_code_that_is_wrong(stack):
    doc = run(stack, "int main(void) { return x; }", merge_stderr=True, args=["a"])
    made = not_compiled(doc)
    assert (made["status"], made["exit_code"], made["stdout"]) == ("failed", 1, ""), made
    assert "main.c:1:25: error: " in made["stderr"] and made["termination"]["hint"].startswith("compile.stderr"), made
    assert doc["error"] == "The code was not compiled: the compiler ended with exit code 1."
    assert doc["runtime"]["language"] == "c" and doc["engine"] == stack.name_of_engine and doc["validation"]["decision"] == "skipped", doc


def test_warnings_are_told_and_the_program_runs(stack):
    doc = run(stack, "int main(void) { int unused; return 0; }")
    assert doc["status"] == "success" and "unused" in doc["compile"]["stderr"], doc


@pytest.mark.parametrize("code", ["", "int x;", "#error no"])
def test_what_makes_no_program(stack, code):
    assert not_compiled(run(stack, code))["exit_code"] == 1


def test_runs_that_fail(stack):
    doc = run(stack, "int main(void) { *(volatile int *)0 = 1; return 0; }")
    assert (doc["termination"]["reason"], doc["signal"], doc["compile"]["exit_code"]) == ("signaled", "SIGSEGV", 0), doc
    doc = run(stack, "int main(void) { for (;;) ; }", timeout=0.5)
    assert doc["termination"]["reason"] == "wall_time" and doc["compile"]["success"], doc
    doc = run(stack, "#include <stdexcept>\nint main() { throw std::runtime_error(\"oh\"); }", "cpp")
    assert (doc["signal"], "oh" in doc["stderr"]) == ("SIGABRT", True), doc


@pytest.mark.needs_cgroups
def test_threads_that_cannot_be_started(stack):
    doc = run(stack, "#include <thread>\n#include <unistd.h>\nint main() { for (int i = 0; i < 50; i++) std::thread([] { sleep(1); }).detach(); }",
              "cpp", limits={"processes": 5})
    end = doc["termination"]
    assert (end["reason"], end["limit"], end["limits_hit"], doc["signal"]) == ("processes", 5, ["processes"], "SIGABRT"), doc
    assert "limits.processes" in end["hint"] and "limit of processes and threads (limit 5, peak " in doc["error"], doc


ECHO = '#include <stdio.h>\nint main(int n, char **v) { int c; while ((c = getchar()) != EOF) putchar(c); if (n > 1) puts(v[1]); }'


def test_tests_are_compiled_once(stack):
    doc = run(stack, ECHO, id="compiled-once", tests=[{"stdin": "a", "expected_stdout": "a"}, {"stdin": "b", "expected_stdout": "x"},
                                  {"args": ["c"], "expected_stdout": "c\n"}])
    assert [t["passed"] for t in doc["tests"]] == [True, False, True], doc
    assert doc["compile"]["success"] and doc["compile"]["isolation"]["seccomp"] == "compiler", doc["compile"]
    wait_until(lambda: stack.log().count(" id=compiled-once ") >= 4, what="four runs in the log")
    assert stack.log().count(" id=compiled-once ") == 4  # /ready counts trial runs, too
    doc = run(stack, "int main(void) { return x; }", tests=[{"stdin": "a", "expected_stdout": "a"}])
    assert not_compiled(doc)["exit_code"] == 1 and doc["tests"] is None and doc["test_summary"] is None, doc


def test_a_streamed_run_is_compiled_before_it_begins(stack):
    with Events(stack, ECHO, language="c", stdin="streamed", args=["last"]) as events:
        found = events.all()
    assert [e.name for e in found][0] == "start" and found[-1].name == "result", found
    assert output(found, "stdout") == b"streamedlast\n" and found[-1].data["compile"]["success"], found[-1]
    with Events(stack, "int main(void) { return x; }", language="c") as events:
        doc = events.all()[-1].data
    assert doc["error"].startswith("The code was not compiled: ") and doc["compile"]["exit_code"] == 1, doc


def test_versions(stack):
    version = run(stack, "int main(void) { return 0; }")["runtime"]["version"]
    doc = run(stack, "int main(void) { return 0; }", version=version.split(".")[0])
    assert doc["status"] == "success" and doc["runtime"]["version"] == version, doc
    problem = stack.post({"language": "c", "code": "", "validate": False, "version": "1.2"}).problem()
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("unknown_runtime", "/version"), problem


def test_several_at_once(stack):
    from concurrent.futures import ThreadPoolExecutor
    codes = ["#include <stdio.h>\nint main(void) { printf(\"%%d\", %d); return 0; }" % n for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        docs = list(pool.map(lambda code: run(stack, code), codes))
    assert [doc["stdout"] for doc in docs] == [str(n) for n in range(6)], docs


def test_a_client_that_leaves_while_it_is_compiled(stack):
    def compilers():
        return stack.engine.containers(stack.instance) if stack.name_of_engine == "docker" else stack.box_pids()

    begun = stack.begin("while :; do :; done", language="any")
    wait_until(compilers, 10, what="a compiler")
    begun.close()
    wait_until(lambda: not compilers(), 30, what="the compiler's end")


# ---- what the source tries with the compiler ---------------------------------------------------------------------

READS = {
    "accounts": ('#include "/etc/shadow"', "No such file"),
    "the box's accounts": ('#include "/etc/passwd"', "root:x:0:0:root:/:/usr/sbin/nologin"),
    "the host's name": ('#include "/etc/machine-id"', "No such file"),
    "environment": ('#include "/proc/self/environ"', "undefined reference to `main'|Permission denied"),  # of no size, hence empty
    "pid 1's environment": ('#include "/proc/1/environ"', "No such file|Permission denied"),
    "pid 1's root": ('#include "/proc/1/root/etc/passwd"', "No such file|Permission denied"),
    "kernel": ('#include "/proc/kallsyms"', "No such file|Permission denied"),
    "home": ('#include "/root/.profile"', "No such file|Permission denied"),
    "a directory": ('#include "/usr"', "directory|No such file|error"),
    "itself": ("#include __FILE__", "nested depth|nesting"),
    "by the assembler": ('__asm__(".incbin \\"/etc/shadow\\""); int main(void) { return 0; }', "file not found|No such file"),
    "by the arguments": ("#include <from_args.h>", "No such file"),
}


@pytest.mark.parametrize("name", READS)
def test_nothing_of_the_host_is_read(stack, name):
    code, said = READS[name]
    made = not_compiled(run(stack, code, args=["-I/work/inc", "-o", "/work/x"], env={"CPATH": "/work/inc", "C_INCLUDE_PATH": "/work/inc"},
                            files=[{"path": "inc/from_args.h", "content": "int main(void) { return 0; }"}]))
    assert re.search(said, made["stderr"]), made
    assert "root:$" not in made["stderr"] and "root:*" not in made["stderr"], made


@pytest.mark.parametrize("name", ["@flags", "-o", "--version", "-xc"])
def test_an_entry_is_a_source_and_no_option(stack, name):
    """@FILE would be options for GCC: a wrapper is a program that it executes."""
    doc = stack.post({"language": "c", "validate": False, "files": [
        {"path": name, "content": "-wrapper /usr/bin/python3,-c,print(6*7)"}]}).json
    made = not_compiled(doc)
    assert "42" not in made["stdout"] + made["stderr"] and "./" + name in made["stderr"], made


HOSTILE = """
template <int N, int M> struct T { static const long v = T<N - 1, M * 2>::v + T<N - 1, M * 2 + 1>::v; };
template <int M> struct T<0, M> { static const long v = M; };
int main() { return T<24, 1>::v; }
"""
LAUGHS = "#define a0 1+1+1+1+1+1+1+1+1+1\n" + "".join(
    "#define a%d %s\n" % (n, "+".join(["a%d" % (n - 1)] * 10)) for n in range(1, 9)) + "int main(void) { return a8; }\n"
BOMBS = {
    "templates": ("c++", HOSTILE),
    "template depth": ("c++", "template <int N> struct T { static const int v = T<N + 1>::v; }; int main() { return T<0>::v; }"),
    "macros": ("c", LAUGHS),
    "a huge array": ("c", "char a[1u << 31] = {1}; int main(void) { return a[0]; }"),
    "many arrays": ("c", "".join("char a%d[1u << 30] = {1};" % n for n in range(9)) + "int main(void) { return 0; }"),
    "constexpr": ("c++", "constexpr int f(int n) { int s = 0; for (int i = 0; i < n; i++) for (int k = 0; k < n; k++) s ^= i * k; "
                         "return s; } static_assert(f(1 << 30) == 0); int main() {}"),
    "zeros without end": ("c", '#include "/dev/zero"'),
    "noise without end": ("c", '#include "/dev/urandom"'),
    "nesting": ("c", "int main(void) { return " + "(" * 200000 + "1" + ")" * 200000 + "; }"),
    "assembler": ("c", '__asm__(".rept 1000000000\\n.long 1\\n.endr"); int main(void) { return 0; }'),
    "a section of the assembler": ("c", '__asm__(".zero 0x7fffffffff"); int main(void) { return 0; }'),
}


@natively
@pytest.mark.needs_cgroups
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_bounded(stack, name):
    language, code = BOMBS[name]
    began = time.monotonic()
    made = not_compiled(run(stack, code, language))
    assert time.monotonic() - began < 60
    assert made["exit_code"] != 0 and made["resource_usage"]["memory_peak_bytes"] <= 520 << 20, made
    assert run(stack, "print(1)", "python")["stdout"] == "1\n"


@pytest.mark.needs_cgroups
def test_limits_are_the_languages_own(stack):
    """The request's hold for the run; the compiler's are in the file."""
    doc = run(stack, '#include "/dev/zero"', "narrow", timeout=100, limits={"memory_bytes": 1 << 30})
    made = not_compiled(doc)
    assert (made["termination"]["reason"], made["termination"]["limit"]) == ("memory", 100 << 20), made
    assert "operator" in made["termination"]["hint"] and "the compiler ran " in doc["error"], doc
    doc = run(stack, "int main(void) { return 0; }", "narrow", limits={"memory_bytes": 16 << 20, "processes": 1})
    assert doc["status"] == "success", doc


def test_much_that_a_compiler_says_is_cut(stack):
    made = not_compiled(run(stack, "\n".join("#warning number %d of them" % n for n in range(3000)) + "\nint main(void) { return x; }",
                            "narrow"))
    assert made["stderr_truncated"] and len(made["stderr"]) <= 4096 and made["stderr_bytes"] > 100000, made["stderr_bytes"]
    assert made["stderr"].startswith("main.c:1:2: warning"), made["stderr"][:200]


# ---- what is taken of what a compiler leaves ---------------------------------------------------------------------

LEFT = {
    "nothing": ("true", "left no program"),
    "a link to a program": ("ln -s /usr/bin/true $1", "left something else than a plain file"),
    "a link to a file of the host": ("ln -s /etc/shadow $1", "left something else than a plain file"),
    "a link to pid 1": ("ln -s /proc/1/exe $1", "left something else than a plain file"),
    "a file with two names": ("cp /usr/bin/true $1; ln $1 /tmp/other", "left something else than a plain file"),
    "a directory": ("mkdir $1", "left something else than a plain file"),
    "one that cannot be read": ("cp /usr/bin/true $1; chmod 0 $1", "left no program"),
    "an empty file": (": > $1", "left something that is no program"),
    "a script": ("printf '#!/usr/bin/python3\\nprint(1)\\n' > $1; chmod +x $1", "left something that is no program"),
    "a program of another machine": ("cp /usr/bin/true $1; printf '\\x28' | dd of=$1 bs=1 seek=18 conv=notrunc status=none",
                                     "left something that is no program"),
    "a large sparse file": ("truncate -s 4M $1 && cat /usr/bin/true >> $1", "ended with exit code|was ended by SIGXFSZ"),
    "one that is too large": ("truncate -s 5M $1", "ended with exit code|was ended by SIGXFSZ"),
    "somebody who is left": ("cp /usr/bin/true $1; sleep 1000 &", "left processes behind"),
    "a daemon": ("cp /usr/bin/true $1; setsid bash -c 'while :; do cp /usr/bin/id $0.x; mv $0.x $0; done' $1 > /dev/null 2>&1 &",
                 "left processes behind"),
    "a directory in its place": ("mv /tmp /x; mkdir /tmp; exit 0", "left no program"),
    "a failure": ("cp /usr/bin/true $1; exit 3", "ended with exit code 3"),
    "killed": ("cp /usr/bin/true $1; kill -9 $$", "was ended by signal 9 (SIGKILL)"),
    "too long": ("cp /usr/bin/true $1; sleep 1000", "ran into its time limit"),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_no_product(stack, name):
    script, said = LEFT[name]
    doc = run(stack, script, "any")
    not_compiled(doc)
    assert re.search(said.replace("(", r"\(").replace(")", r"\)"), doc["error"]), doc


def test_a_fifo_is_not_waited_for(stack):
    """The profile refuses to make one; test_product.c has one made."""
    made = not_compiled(run(stack, "mkfifo $1 || exit 5", "any"))
    assert made["exit_code"] == 5 and "not permitted" in made["stderr"], made


def test_what_is_a_product(stack):
    doc = run(stack, "cp /usr/bin/id $1", "any")
    assert doc["stdout"].startswith("uid=1000(sandbox)") and doc["isolation"]["one_exec"] is True, doc
    doc = run(stack, "cp /usr/bin/printenv $1; chmod 644 $1; echo kept > /tmp/kept; echo kept > kept", "any", env={"A": "b"})
    assert "A=b" in doc["stdout"].splitlines(), doc


def test_the_run_has_a_box_of_its_own(stack):
    """Nothing but the product comes from the compiler's."""
    doc = run(stack, "echo planted | tee /tmp/planted /dev/shm/planted planted > x; cp /usr/bin/ls $1", "any", args=["-A", "/tmp", ".",
                                                                                                               "/dev/shm"])
    assert "planted" not in doc["stdout"] and doc["stdout"].split() == [".:", "main.any", "/dev/shm:", "/tmp:"], doc


PRODUCT = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;
static void tell(const char *name, long result)
{
    printf("%s %s\n", name, result < 0 ? strerror(errno) : "done");
}

int main(void)
{
    char bytes[65536], *argv[] = {"x", NULL};
    for (int fd = 3; fd < 100; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf("descriptor %d\n", fd);
    int own = open("/proc/self/exe", O_RDONLY), copy = open("/tmp/copy", O_CREAT | O_RDWR, 0755);
    for (ssize_t n; (n = read(own, bytes, sizeof bytes)) > 0;)
        if (write(copy, bytes, (size_t)n) != n)
            return 1;
    tell("execve", execve("/usr/bin/true", argv, environ));
    tell("execve-own", execve("/proc/self/exe", argv, environ));
    tell("execve-copy", execve("/tmp/copy", argv, environ));
    tell("execveat-own", syscall(SYS_execveat, own, "", argv, environ, AT_EMPTY_PATH));
    tell("execveat-copy", syscall(SYS_execveat, copy, "", argv, environ, AT_EMPTY_PATH));
    tell("map-copy", (long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, copy, 0));
    tell("memfd", memfd_create("x", 0));
    tell("write-own", open("/proc/self/exe", O_RDWR));
    tell("fork", syscall(SYS_fork));
    tell("vfork", syscall(SYS_clone, 0x4111, 0, 0, 0, 0));
    return 0;
}
"""


def test_a_product_executes_nothing(stack):
    doc = run(stack, PRODUCT)
    found = dict(line.split(" ", 1) for line in doc["stdout"].splitlines())
    nosys, perm = "Function not implemented", "Operation not permitted"
    own = found.pop("write-own")
    assert own in ("Text file busy", "Permission denied", perm), own
    assert found == {"execve": nosys, "execve-own": nosys, "execve-copy": nosys, "execveat-own": nosys, "execveat-copy": nosys,
                     "map-copy": perm, "memfd": perm, "fork": perm, "vfork": perm}, doc


# ---- around it ---------------------------------------------------------------------------------------------------


@natively
def test_an_optional_language_that_does_not_work_stops_no_service(stack):
    """The trial run of `any` fails: it says no version."""
    ready = stack.get("/ready")
    assert ready.status == 200 and "runtime any: trial run of any" in ready.json["degraded"], ready
    assert [r["ready"] for r in stack.get("/v1/runtimes").json if r["language"] == "any"] == [False]


def sandgate(stack, *args, **kw):
    return subprocess.run([stack.path("bin", "sandgate"), "-c", stack.path("conf", "sandgate.conf"), *args], capture_output=True,
                          text=True, timeout=120, **kw)


def test_command_line(stack, tmp_path):
    good, bad = tmp_path / "good.c", tmp_path / "bad.c"
    good.write_text('#include <stdio.h>\nint main(int n, char **v) { int unused; printf("%s", v[1]); return n; }')
    bad.write_text("int main(void) { return x; }")
    done = sandgate(stack, "run", "--no-validate", str(good), "--", "arg")
    assert (done.returncode, done.stdout) == (2, "arg") and "unused" in done.stderr, done
    done = sandgate(stack, "run", "--no-validate", str(bad))
    assert (done.returncode, done.stdout) == (1, "") and "bad.c:1:25: error" in done.stderr, done
    assert done.stderr.endswith("sandgate: The code was not compiled: the compiler ended with exit code 1.\n"), done
    done = sandgate(stack, "run", "--no-validate", "--json", str(bad))
    assert done.returncode == 1 and not_compiled(json.loads(done.stdout))["exit_code"] == 1 and done.stderr == "", done


@natively
def test_self_tests(shared_stack):
    done = sandgate(shared_stack, "runtimes", "--check")
    lines = done.stdout.splitlines()
    assert done.returncode == 1 and "any (version unknown): FAILED: it has no self_test, only its trial run" in lines, lines
    for language in (r"c", r"c\+\+", r"narrow", r"python"):
        assert [line for line in lines if re.fullmatch(language + r" [\d.]+: passed \(cold start, \d+ ms\)", line)], lines


def two_versions(stack):
    directory = stack.path("conf", "sandgate", "runtimes.d")
    with open(os.path.join(directory, "c.conf")) as f:
        text = f.read()
    for name, version, most in (("a", "11.1", "1k"), ("b", "99.0", "256k")):
        changed = text.replace("\ncompile_profile", '\ncompile_limits = { "output_bytes=%s" }\ncompile_profile' % most)
        changed = re.sub(r'printf\("version [^;]*;', 'puts("version %s");' % version, changed)
        changed = changed.replace("language   = c\n", "language   = c\nversion    = %s\n" % version)
        assert "version " + version in changed and "\nversion    = " in changed
        with open(os.path.join(directory, name + ".conf"), "w") as f:
            f.write(changed)
    os.unlink(os.path.join(directory, "c.conf"))


def test_limits_are_those_of_the_version_that_is_asked_for(make_stack):
    """Of two versions of a language: what the compiler of the second may say is not bounded by the file of the first."""
    stack = make_stack(languages=("python", "c"), start="cold", before=two_versions)
    wait_until(lambda: len([r for r in stack.get("/v1/runtimes").json if r["language"] == "c" and r["version"]]) == 2, 30, 0.2)
    noisy = "".join("#warning %d\n" % n for n in range(60)) + "int main(void) { return 0; }\n"
    doc = stack.run(noisy, language="c", version="99")
    assert doc["status"] == "success" and doc["compile"]["stderr_bytes"] > 1024, doc["compile"]
    assert doc["compile"]["stderr_truncated"] is False
    assert stack.run(noisy, language="c", version="11")["compile"]["stderr_truncated"] is True
