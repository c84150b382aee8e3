"""Processes: making them, executing, outliving the run, reaching those of others, getting round the deadline."""

from table import Attack, ended_by, table


def slower_than(seconds):
    def check(answer):
        return answer.seconds > seconds

    check.__name__ = "slower_than_%s" % seconds
    return check


def no_answer_of_the_program(answer):
    return answer.status >= 500


ATTACKS = table(
    "processes",
    Attack("fork_child", "makes a process", off="seccomp", program="""
        with refusal():
            child = os.fork()
        if child == 0:
            os._exit(7)
        escaped("a child that exited %d" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """),
    Attack("vfork_child", "makes a process by vfork", off="seccomp,one_exec", program="""
        import subprocess
        with refusal():
            done = subprocess.run(["/usr/bin/id", "-u"], stdout=subprocess.PIPE)
        escaped("ran id: %r" % done.stdout)
    """),
    Attack("shell", "runs a shell", off="seccomp,one_exec", program="""
        code = os.system("echo from a shell")
        if code:
            contained("system() gives %d" % code)
        escaped("a shell ran")
    """),
    Attack("execve", "becomes another program", off="one_exec", program="""
        with refusal():
            os.execv("/usr/bin/echo", ["echo", "ESCAPED echo ran in place of the interpreter"])
    """),
    Attack("execve_in_thread", "becomes another program from a thread", off="one_exec", program="""
        done = []
        def run():
            try:
                os.execv("/usr/bin/echo", ["echo", "ESCAPED echo ran, executed by a thread"])
            except OSError as error:
                done.append(error)
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        contained(done[0])
    """),
    Attack("execveat", "executes by descriptor", off="seccomp,one_exec", program="""
        fd = os.open("/usr/bin/echo", os.O_RDONLY)
        argv = (ctypes.c_char_p * 3)(b"echo", b"ESCAPED echo ran by descriptor", None)
        with refusal():
            call("execveat", fd, b"", argv, (ctypes.c_char_p * 1)(None), 0x1000)
    """),
    Attack("loader_exec", "executes through the dynamic loader", off="one_exec", program="""
        with refusal():
            os.execv("/lib64/ld-linux-x86-64.so.2", ["ld", "/usr/bin/echo", "ESCAPED by way of the loader"])
    """),
    Attack("memfd_exec", "executes a file that exists in memory only", off="seccomp,one_exec", program="""
        with refusal():
            fd = os.memfd_create("x")
            os.write(fd, open("/usr/bin/echo", "rb").read())
            os.execve(fd, ["echo", "ESCAPED a memory file ran"], {})
    """),
    Attack("exec_own_binary", "executes a file that it has written", off="one_exec,noexec", program="""
        with open("/tmp/own", "wb") as f:
            f.write(open("/usr/bin/echo", "rb").read())
        os.chmod("/tmp/own", 0o755)
        with refusal():
            os.execv("/tmp/own", ["own", "ESCAPED a written file ran"])
    """),
    Attack("fork_bomb", "makes processes without end", off="seccomp,cgroup_pids,rlimits",
           fields={"limits": {"processes": 40, "cpu_percent": 100}}, program="""
        children = []
        with refusal():
            for _ in range(90):
                child = os.fork()
                if child == 0:
                    time.sleep(5)
                    os._exit(0)
                children.append(child)
        for child in children:
            os.kill(child, signal.SIGKILL)
        escaped("%d processes at once" % len(children))
    """),
    Attack("fork_tree", "doubles its processes, generation by generation", off="seccomp,cgroup_pids,rlimits",
           fields={"limits": {"processes": 40, "cpu_percent": 100}}, program="""
        into, out = os.pipe()
        with refusal():
            for _ in range(6):  # 64 processes
                os.fork()
        os.write(out, b".")
        if os.getppid() == 1:
            seen = 0
            while seen < 64:
                seen += len(os.read(into, 256))
            escaped("%d processes from one" % seen)
        time.sleep(6)
        os._exit(0)
    """),
    Attack("zombie_storm", "fills the process table with dead children", off="seccomp,cgroup_pids,rlimits",
           fields={"limits": {"processes": 40, "cpu_percent": 100}}, program="""
        with refusal():
            for made in range(90):
                if os.fork() == 0:
                    os._exit(0)
        escaped("90 children, none waited for")
    """),
    Attack("thread_bomb", "makes threads without end", off="cgroup_pids,rlimits", program="""
        threading.stack_size(65536)
        stop, made = threading.Event(), 0
        with refusal(RuntimeError):
            for made in range(90):
                threading.Thread(target=stop.wait, daemon=True).start()
        escaped("%d threads where 40 are allowed" % (made + 1))
    """, fields={"limits": {"processes": 40}}),
    Attack("raw_thread_bomb", "makes threads without end by the raw system call", off="cgroup_pids,rlimits", program="""
        # CLONE_VM|FS|FILES|SIGHAND|THREAD|SYSVSEM, a stack whose top is the address of a loop of pause()
        code = mmap.mmap(-1, 4096, prot=7)
        code.write(b"\\xb8\\x22\\x00\\x00\\x00\\x0f\\x05\\xeb\\xf7")  # mov eax,34; syscall; jmp
        start = ctypes.addressof(ctypes.c_char.from_buffer(code))
        maker = mmap.mmap(-1, 4096, prot=7)
        # mov eax,56; syscall; test eax,eax; jnz +2; jmp rdx ; ret   (rdx holds the loop, kept in rdx as parent_tid)
        maker.write(b"\\xb8\\x38\\x00\\x00\\x00\\x0f\\x05\\x85\\xc0\\x75\\x02\\xff\\xe2\\xc3")
        make = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_long, ctypes.c_long, ctypes.c_long)(
            ctypes.addressof(ctypes.c_char.from_buffer(maker)))
        stack = mmap.mmap(-1, 65536)
        top = ctypes.addressof(ctypes.c_char.from_buffer(stack)) + 65000
        made = 0
        while made < 90 and make(0x50f00, top & ~15, start) > 0:
            made += 1
        if made < 90:
            contained("stopped after %d threads" % made)
        escaped("%d threads where 40 are allowed" % made)
    """, fields={"limits": {"processes": 40}}),
    Attack("daemon_outlives", "leaves a daemon that goes on after the answer", off="seccomp,kill_all", program="""
        with refusal():
            child = os.fork()
        if child:
            os._exit(0)
        os.setsid()
        if os.fork():
            os._exit(0)
        time.sleep(3)
        escaped("the daemon still runs after its parent has gone")
    """),
    Attack("orphan_keeps_pipes", "holds the answer back by an orphan that keeps stdout open", off="seccomp,kill_all",
           program="""
        with refusal():
            child = os.fork()
        if child:
            os._exit(0)
        for s in range(1, 32):
            if s not in (signal.SIGKILL, signal.SIGSTOP):
                signal.signal(s, signal.SIG_IGN)
        time.sleep(3)
        escaped("the answer waited for an orphan")
    """),
    Attack("treadmill", "forks and exits faster than anyone can kill by number", off="seccomp,kill_all", program="""
        end = time.monotonic() + 3
        with refusal():
            while time.monotonic() < end:
                if os.fork():
                    os._exit(0)
        escaped("still running, now as process %d" % os.getpid())
    """),
    Attack("ignores_signals", "ignores every signal and stays", off="deadline", contained=ended_by("wall_time"),
           fields={"timeout": 1}, program="""
        for s in range(1, 65):
            try:
                signal.signal(s, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        end = time.monotonic() + 4
        while time.monotonic() < end:
            time.sleep(0.1)
        escaped("outlived its deadline")
    """),
    Attack("sleeps", "sleeps beyond its deadline", off="deadline", contained=ended_by("wall_time"),
           fields={"timeout": 1}, program="""
        time.sleep(4)
        escaped("slept beyond its deadline")
    """),
    Attack("stops_itself", "stops itself, so that it never ends", off="deadline", contained=ended_by("wall_time"),
           succeeded=slower_than(1.5), fields={"timeout": 0.2}, program="""
        os.kill(os.getpid(), signal.SIGSTOP)
    """),
    Attack("stops_group", "stops its whole process group and everybody it may signal", off="deadline",
           contained=ended_by("wall_time"), succeeded=slower_than(1.5), fields={"timeout": 0.2}, program="""
        try:
            os.kill(-1, signal.SIGSTOP)
        except OSError:
            pass
        os.killpg(0, signal.SIGSTOP)
    """),
    Attack("leader_exits", "ends its first thread and goes on in another", off="deadline",
           contained=ended_by("wall_time"), fields={"timeout": 1}, program="""
        def rest():
            time.sleep(4)
            escaped("a thread outlived its leader and the deadline")
        threading.Thread(target=rest).start()
        call("exit", 0)
    """),
    Attack("kills_pid_1", "kills the process that watches it", off="pid_ns,ids,landlock",
           contained=lambda a: a.doc.get("exit_code") == 3, succeeded=no_answer_of_the_program, program="""
        for pid in (1, os.getppid()):
            for s in (signal.SIGSTOP, signal.SIGKILL):
                try:
                    if pid > 1 or os.getppid() <= 1:
                        os.kill(pid, s)
                except OSError:
                    pass
        time.sleep(0.3)
        os._exit(3 if os.getppid() in (0, 1) else 0)
    """),
    Attack("kills_outside", "ends a process of the executor's user outside the box", off="pid_ns,user_ns,ids,landlock",
           observe=lambda world: world.victim_died(), program="""
        with refusal():
            os.kill(@VICTIM@, signal.SIGTERM)
        escaped("signalled a process of the executor's user")
    """),
    Attack("sees_host_processes", "finds the processes of the host by their numbers", off="pid_ns", program="""
        seen = []
        for pid in (1, @VICTIM@, *range(2, 40000)):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                continue
            except PermissionError:
                pass
            if pid != os.getpid():
                seen.append(pid)
        if len(seen) <= 1:
            contained("sees %s" % seen)
        escaped("%d processes have a number here" % len(seen))
    """),
    Attack("reads_pid_1", "reads memory, files and environment of the process that watches it",
           off="user_ns,capabilities,landlock", program="""
        with refusal():
            exe = os.readlink("/proc/1/exe")
            fds = os.listdir("/proc/1/fd")
            maps = read("/proc/1/maps")
            os.close(os.open("/proc/1/mem", os.O_RDONLY))
        escaped("pid 1 is %s with descriptors %s" % (exe, fds))
    """),
    Attack("root_of_pid_1", "follows /proc/1/root and cwd out of its own root",
           off="user_ns,capabilities,landlock", program="""
        with refusal():
            names = os.listdir("/proc/1/root")
            os.stat("/proc/1/cwd/.")
        escaped("/proc/1/root holds %s" % names)
    """),
    Attack("ptrace", "traces another process", off="seccomp", program="""
        try:
            child = os.fork()
            if child == 0:
                time.sleep(3)
                os._exit(0)
        except OSError:
            child = 1
        with refusal():
            call("ptrace", 16, child, 0, 0)  # PTRACE_ATTACH
        os.waitpid(child, 0)
        os.kill(child, signal.SIGKILL)
        escaped("attached to another process")
    """),
    Attack("read_other_memory", "reads another process's memory", off="seccomp", program="""
        text = ctypes.create_string_buffer(b"memory of another process")
        try:
            child = os.fork()
            if child == 0:
                time.sleep(3)
                os._exit(0)
        except OSError:
            child = 1
        into = ctypes.create_string_buffer(25)
        class Vector(ctypes.Structure):
            _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
        here = Vector(ctypes.addressof(into), 25)
        there = Vector(ctypes.addressof(text), 25)
        with refusal():
            call("process_vm_readv", child, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
        os.kill(child, signal.SIGKILL)
        escaped("read %r" % into.raw)
    """),
    Attack("steal_descriptor", "takes a descriptor out of a process", off="seccomp", program="""
        with refusal():
            pidfd = call("pidfd_open", os.getpid(), 0)
            fd = call("pidfd_getfd", pidfd, 1, 0)
        escaped("descriptor %d" % fd)
    """),
    Attack("clone_parent", "makes a sibling whose end looks like its own", off="seccomp", program="""
        with refusal():
            child = call("clone", 0x8000 | 17, 0, 0, 0, 0)  # CLONE_PARENT | SIGCHLD
        if child == 0:
            os._exit(0)
        escaped("made process %d, a child of pid 1" % child)
    """),
    Attack("change_scheduler", "changes its scheduling class", off="seccomp", program="""
        with refusal():
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        escaped("scheduling class %d" % os.sched_getscheduler(0))
    """),
    Attack("choose_cpu", "chooses the CPU it runs on", off="seccomp", program="""
        with refusal():
            os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
        escaped("pinned to %s" % os.sched_getaffinity(0))
    """),
    Attack("forge_signal", "sends signals with forged details", off="seccomp", program="""
        info = struct.pack("iii", 10, 0, -1) + bytes(116)
        signal.signal(10, lambda *a: None)
        with refusal():
            call("rt_sigqueueinfo", os.getpid(), 10, info)
        escaped("a signal with details of our choice")
    """),
)
