"""Privilege: getting back what was given up."""

from table import Attack, table

ATTACKS = table(
    "privilege",
    Attack("capabilities", "holds a capability", off="capabilities", program="""
        sets = {name: int(status(name), 16) for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb")}
        if not any(sets.values()):
            contained("all five sets are empty")
        escaped(sets)
    """),
    Attack("use_capability", "renames the host that it sees", off="seccomp,capabilities", program="""
        with refusal():
            check(libc.sethostname(b"owned", 5))
        escaped("host name is %s" % os.uname().nodename)
    """),
    Attack("set_uid_0", "becomes root of the box", off="seccomp,capabilities", program="""
        with refusal():
            os.setuid(0)
        escaped("uid %d" % os.getuid())
    """),
    Attack("uid_0", "is root in the box from the start", off="ids", program="""
        if os.getuid() and os.geteuid():
            contained("uid %d" % os.getuid())
        escaped("uid %d" % os.getuid())
    """),
    Attack("host_ids", "runs with an id of the host", off="user_ns", program="""
        maps = read("/proc/self/uid_map").decode().split()
        if sum(int(n) for n in maps[2::3]) <= 2:
            contained("no more than two ids: %s" % maps)
        escaped("ids of the host: %s" % maps)
    """),
    Attack("user_namespace_unshare", "becomes root of a namespace of its own by unshare", off="seccomp", program="""
        with refusal():
            call("unshare", 0x10000000)
        escaped("capabilities %s" % status("CapEff"))
    """),
    Attack("user_namespace_clone", "the same by clone", off="seccomp", program="""
        with refusal():
            child = call("clone", 0x10000000 | 17, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        escaped("a child with all capabilities")
    """),
    Attack("user_namespace_clone3", "the same by clone3, past filters of flags", off="seccomp", program="""
        arguments = struct.pack("11Q", 0x10000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)
        with refusal():
            child = call("clone3", arguments, len(arguments))
        if child == 0:
            os._exit(0)
        escaped("a child with all capabilities")
    """),
    Attack("user_namespace_of_child", "the same in a child, with network and mounts", off="seccomp", program="""
        with refusal():
            child = os.fork()
        if child == 0:
            with refusal():
                call("unshare", 0x10000000 | 0x40000000 | 0x00020000)
            escaped("user, network and mount namespaces of its own")
        os.waitpid(child, 0)
        os._exit(0)
    """),
    Attack("user_namespace_then_mount", "mounts in namespaces of its own (the way of most kernel exploits)",
           off="seccomp,landlock", program="""
        with refusal():
            call("unshare", 0x10000000 | 0x00020000)
            check(libc.mount(b"/usr", b"/tmp", None, 4096, None))
        escaped("/tmp is now %s" % os.listdir("/tmp"))
    """),
    Attack("cgroup_release_agent", "mounts cgroup files in namespaces of its own (CVE-2022-0492)",
           off="seccomp,landlock,capabilities", program="""
        errors = []
        os.mkdir("/tmp/c")
        for kind, options in ((b"cgroup2", b""), (b"cgroup", b"memory"), (b"cgroup", b"pids")):
            try:
                check(libc.mount(b"x", b"/tmp/c", kind, 0, options))
                escaped("cgroup files: %s" % os.listdir("/tmp/c")[:4])
            except OSError as error:
                errors.append(error)
        contained(errors)
    """),
    Attack("join_namespace", "joins a namespace", off="seccomp,capabilities", program="""
        with refusal():
            fd = os.open("/proc/self/ns/uts", os.O_RDONLY)
            call("setns", fd, 0)
        escaped("joined")
    """),
    Attack("keyring", "stores keys in the kernel, beyond its life", off="seccomp", needs=("KEYS",), program="""
        with refusal():
            key = call("add_key", b"user", b"sandgate-test", b"data", 4, -2)
        escaped("key %d" % key)
    """),
    Attack("session_keyring", "joins a session keyring (CVE-2016-0728)", off="seccomp", needs=("KEYS",), program="""
        with refusal():
            key = call("keyctl", 1, b"sandgate-test")
        escaped("keyring %d" % key)
    """),
    Attack("no_new_privs", "may gain privilege by an exec", off="no_new_privs,capabilities", program="""
        if status("NoNewPrivs") == "1":
            contained("no_new_privs is set")
        escaped("NoNewPrivs is %s" % status("NoNewPrivs"))
    """),
    Attack("core_limit", "changes the limit that keeps core handlers from running as root", off="seccomp", program="""
        import resource
        with refusal(ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        escaped("RLIMIT_CORE is %s" % (resource.getrlimit(resource.RLIMIT_CORE),))
    """),
    Attack("core_handler", "crashes so that a core handler of the host runs", off="rlimits", program="""
        import resource
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        if (soft, hard) == (1, 1):
            contained("RLIMIT_CORE is 1: no handler is started")
        escaped("RLIMIT_CORE is %s" % ((soft, hard),))
    """),
    Attack("subreaper", "makes itself the reaper of orphans", off="seccomp", program="""
        with refusal():
            call("prctl", 36, 1, 0, 0, 0)
        escaped("subreaper")
    """),
    Attack("death_signal", "cuts the tie to the process that watches it", off="seccomp", program="""
        with refusal():
            call("prctl", 1, 0, 0, 0, 0)
        escaped("no signal when pid 1 dies")
    """),
    Attack("not_dumpable", "hides its state from those who look", off="seccomp", program="""
        with refusal():
            call("prctl", 4, 0, 0, 0, 0)
        escaped("not dumpable")
    """),
    Attack("secure_bits", "changes how ids and capabilities work together", off="seccomp,capabilities", program="""
        with refusal():
            call("prctl", 28, 1, 0, 0, 0)
        escaped("securebits changed")
    """),
    Attack("file_capabilities", "gives a file capabilities", off="seccomp,capabilities", program="""
        open("/tmp/f", "w").close()
        with refusal():
            os.setxattr("/tmp/f", "security.capability",
                        struct.pack("<6I", 0x03000001, 0xffffffff, 0, 0xffffffff, 0, 0))
        escaped("a file with capabilities")
    """),
    Attack("extended_attributes", "keeps data where no limit counts", off="seccomp", program="""
        open("/tmp/f", "w").close()
        with refusal():
            os.setxattr("/tmp/f", "trusted.x" if os.getuid() == 0 else "user.x", b"data")
        escaped("attributes %s" % os.listxattr("/tmp/f"))
    """),
    Attack("host_name", "learns the name of the host", off="uts_ns", program="""
        if os.uname().nodename == "@HOSTNAME@":
            escaped("the host is " + os.uname().nodename)
        contained("called " + os.uname().nodename)
    """),
    Attack("cgroup_path", "learns where in the host's cgroups it is", off="cgroup_ns", program="""
        paths = {line.split(":", 2)[2] for line in read("/proc/self/cgroup", 65536).decode().split()}
        if paths <= {"/"}:
            contained("every path is /")
        escaped("paths %s" % sorted(paths))
    """),
)
