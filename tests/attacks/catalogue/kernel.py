"""Kernel surface: calls that have been the way into the kernel before, foreign ways of making calls."""

from table import Attack, table


def killed_by_the_filter(answer):
    return answer.termination.get("reason") == "seccomp" and "ESCAPED" not in answer.stdout


def killed_at_the_gate(answer):
    """By the filter, or by the kernel where the 32-bit gate is closed for everybody."""
    return "ESCAPED" not in answer.stdout and (
        killed_by_the_filter(answer) or answer.doc.get("signal") == "SIGSEGV" and answer.stdout == "trying\n")


ATTACKS = table(
    "kernel surface",
    Attack("perf_event", "measures events of the CPU and the kernel", off="seccomp", needs=("PERF",), program="""
        attributes = struct.pack("IIQQQQQ", 1, 112, 1, 0, 0, 0, 1 << 5 | 1 << 6) + bytes(64)  # task clock, user only
        with refusal():
            fd = call("perf_event_open", attributes, 0, -1, -1, 0)
        escaped("an event, descriptor %d" % fd)
    """),
    Attack("userfaultfd", "holds the kernel at a page fault of its choice", off="seccomp", needs=("USERFAULTFD",),
           program="""
        with refusal():
            fd = call("userfaultfd", 1)  # UFFD_USER_MODE_ONLY
        escaped("descriptor %d" % fd)
    """),
    Attack("io_uring", "hands the kernel a queue of calls that no filter sees", off="seccomp,rlimits",
           needs=("IO_URING",), program="""
        with refusal():
            fd = call("io_uring_setup", 8, ctypes.create_string_buffer(120))
        escaped("a ring, descriptor %d" % fd)
    """),
    Attack("splice_file", "puts pages of the cache into a pipe (CVE-2022-0847)", off="seccomp", program="""
        into, out = os.pipe()
        fd = os.open("/usr/bin/python3", os.O_RDONLY)
        with refusal():
            n = call("splice", fd, None, out, None, 4096, 0)
        escaped("%d bytes by reference" % n)
    """),
    Attack("sendfile_to_pipe", "the same by sendfile", off="seccomp", program="""
        into, out = os.pipe()
        fd = os.open("/usr/bin/python3", os.O_RDONLY)
        with refusal():
            n = os.sendfile(out, fd, 0, 4096)
        escaped("%d bytes by reference" % n)
    """),
    Attack("vmsplice", "puts its own pages into a pipe (CVE-2008-0600)", off="seccomp", program="""
        into, out = os.pipe()
        page = ctypes.create_string_buffer(4096)
        with refusal():
            n = call("vmsplice", out, struct.pack("QQ", ctypes.addressof(page), 4096), 1, 0)
        escaped("%d bytes by reference" % n)
    """),
    Attack("tee", "copies pages from pipe to pipe", off="seccomp", program="""
        a, b = os.pipe()
        c, d = os.pipe()
        os.write(b, b"data")
        with refusal():
            n = call("tee", a, d, 4, 0)
        escaped("%d bytes" % n)
    """),
    Attack("big_pipe", "makes a pipe that holds a whole uid's allowance", off="seccomp", program="""
        import fcntl
        into, out = os.pipe()
        with refusal():
            n = fcntl.fcntl(out, 1031, 1 << 20)  # F_SETPIPE_SZ
        escaped("a pipe of %d bytes" % n)
    """),
    Attack("system_v_memory", "keeps memory that no process owns", off="seccomp", program="""
        with refusal():
            segment = call("shmget", 0, 1 << 20, 0o1600)
        escaped("segment %d" % segment)
    """),
    Attack("system_v_semaphores", "keeps semaphores that no process owns", off="seccomp", program="""
        with refusal():
            set_ = call("semget", 0, 100, 0o1600)
        escaped("set %d" % set_)
    """),
    Attack("system_v_messages", "keeps messages that no process owns", off="seccomp", program="""
        with refusal():
            queue = call("msgget", 0, 0o1600)
        escaped("queue %d" % queue)
    """),
    Attack("posix_messages", "keeps POSIX message queues", off="seccomp,rlimits,landlock", needs=("QUEUES",),
           program="""
        with refusal():
            fd = call("mq_open", b"sandgate", os.O_CREAT | os.O_RDWR, 0o600, None)
        escaped("queue, descriptor %d" % fd)
    """),
    Attack("inotify", "watches files", off="seccomp", program="""
        with refusal():
            fd = call("inotify_init")
            check(libc.inotify_add_watch(fd, b"/usr/bin", 0x20))
        escaped("watches /usr/bin for opens")
    """),
    Attack("fanotify", "watches file systems", off="seccomp", needs=("FANOTIFY",), program="""
        with refusal():
            fd = call("fanotify_init", 0x200, 0)
        escaped("descriptor %d" % fd)
    """),
    Attack("memory_policy", "chooses where its memory lies", off="seccomp", needs=("NUMA",), program="""
        with refusal():
            call("set_mempolicy", 0, None, 0)
        escaped("policy set")
    """),
    Attack("lock_memory", "takes memory that cannot be taken back", off="seccomp,rlimits", program="""
        page = mmap.mmap(-1, 1 << 20)
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        with refusal():
            call("mlock", ctypes.c_void_p(address), 1 << 20)
        escaped("locked 1 MiB")
    """),
    Attack("memory_file", "makes a file without a name", off="seccomp", program="""
        with refusal():
            fd = os.memfd_create("x")
            os.truncate(fd, 1 << 20)
        escaped("descriptor %d" % fd)
    """),
    Attack("mergeable_memory", "learns what others hold in memory by merged pages", off="seccomp", needs=("KSM",),
           program="""
        page = mmap.mmap(-1, 1 << 20)
        with refusal():
            page.madvise(mmap.MADV_MERGEABLE)
        escaped("pages may be merged with those of others")
    """),
    Attack("remap_pages", "maps pages of a file out of order", off="seccomp", program="""
        with open("/tmp/f", "wb") as f:
            f.truncate(8192)
        fd = os.open("/tmp/f", os.O_RDWR)
        page = mmap.mmap(fd, 8192)
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        with refusal():
            call("remap_file_pages", ctypes.c_void_p(address), 4096, 0, 1, 0)
        escaped("pages out of order")
    """),
    Attack("int_80", "makes calls by the 32-bit gate, whose numbers are others", off="seccomp",
           contained=killed_at_the_gate, needs=("IA32",), program="""
        code = mmap.mmap(-1, 4096, prot=7)
        code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")  # mov eax, getpid; int 0x80; ret
        function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
        print("trying", flush=True)
        escaped("the gate answers %d" % function())
    """),
    Attack("x32_numbers", "makes calls by the numbers of x32", off="seccomp", contained=killed_by_the_filter,
           program="""
        print("trying", flush=True)
        try:
            result = call(0x40000000 + NR["getpid"])
        except OSError as error:
            result = error
        escaped("the kernel answers: %s" % result)
    """),
    Attack("personality", "turns off the randomness of addresses", off="seccomp", program="""
        with refusal():
            call("personality", 0x0040000)  # ADDR_NO_RANDOMIZE
        escaped("personality %x" % call("personality", 0xffffffff))
    """),
    Attack("kcmp", "learns kernel addresses by comparison", off="seccomp", needs=("KCMP",), program="""
        with refusal():
            order = call("kcmp", os.getpid(), os.getpid(), 0, 1, 2)
        escaped("compared: %d" % order)
    """),
    Attack("local_descriptors", "changes its descriptor table (CVE-2015-5157)", off="seccomp", needs=("LDT",),
           program="""
        entry = struct.pack("IIII", 0, 0, 0xfffff, 0x39)
        with refusal():
            call("modify_ldt", 1, entry, 16)
        escaped("an entry of the local descriptor table")
    """),
    Attack("clock", "reads and changes the clock's discipline", off="seccomp", program="""
        state = ctypes.create_string_buffer(208)
        with refusal():
            call("clock_adjtime", 0, state)
        escaped("frequency %d" % struct.unpack_from("q", state, 16))
    """),
    Attack("own_filter", "loads a filter of its own", off="seccomp", program="""
        program = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x7fff0000))
        with refusal():
            call("seccomp", 1, 0, struct.pack("HxxxxxxQ", 1, ctypes.addressof(program)))
        escaped("%s filters" % status("Seccomp_filters"))
    """),
    Attack("own_landlock", "makes Landlock domains", off="seccomp", program="""
        with refusal():
            version = call("landlock_create_ruleset", None, 0, 1)
        escaped("Landlock version %d" % version)
    """, needs=("LANDLOCK",)),
    Attack("old_aio", "queues input and output in the kernel", off="seccomp", needs=("AIO",), program="""
        context = ctypes.c_ulong()
        with refusal():
            call("io_setup", 8, ctypes.byref(context))
        escaped("context %x" % context.value)
    """),
    Attack("socket_filter", "hands the kernel a program by a socket option", off="seccomp", program="""
        import socket
        a, b = socket.socketpair()
        program = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 65535))
        with refusal():
            a.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxQ", 1, ctypes.addressof(program)))
        escaped("a filter on a socket")
    """),
    Attack("other_limits", "reads and sets limits of other processes", off="seccomp", program="""
        with refusal():
            call("prlimit64", os.getpid(), 7, None, ctypes.create_string_buffer(16))
        escaped("limits by pid")
    """),
    Attack("lease", "stops others who open a file", off="seccomp", program="""
        import fcntl
        open("/tmp/f", "w").close()
        with refusal():
            fcntl.fcntl(os.open("/tmp/f", os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)
        escaped("a lease")
    """),
)
