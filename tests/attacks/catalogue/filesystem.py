"""File system: what of the host can be read, what can be written, what of the box's own place can be changed."""

from table import Attack, table

ATTACKS = table(
    "file system",
    Attack("host_secret", "reads a file of the host that the box does not list", off="close_fds,landlock", program="""
        with refusal():
            text = first(ways("@SECRET_PATH@"), read)
        if b"@SECRET@" in text:
            escaped("read the host's secret " + text.decode())
        contained("read something else")
    """),
    Attack("host_etc", "reads the host's own files in /etc", off="etc_private", needs=("ETC_SECRET_PATH",), program="""
        with refusal():
            text = read("@ETC_SECRET_PATH@")
        escaped("read " + text.decode())
    """),
    Attack("host_accounts", "reads the accounts of the host", off="etc_private", program="""
        names = [line.split(":")[0] for line in open("/etc/passwd")]
        if set(names) <= {"root", "sandbox"}:
            contained("only %s" % names)
        escaped("accounts %s" % names)
    """),
    Attack("write_usr", "changes a file below /usr for everybody", off="close_fds,landlock", needs=("USR_DIR",),
           observe=lambda world: world.was_written("USR_DIR"), program="""
        with refusal():
            fd = first(ways("@USR_DIR@/planted"), lambda p: os.open(p, os.O_CREAT | os.O_WRONLY, 0o644))
        os.write(fd, b"planted")
        escaped("wrote below /usr")
    """),
    Attack("write_root", "writes into the root of the box", off="root_ro,landlock", program="""
        with refusal():
            os.close(os.open("/planted", os.O_CREAT | os.O_WRONLY))
        escaped("made /planted")
    """),
    Attack("write_interpreter", "plants a module that the next run imports", off="close_fds,landlock",
           needs=("USR_DIR",), observe=lambda world: world.was_written("USR_DIR"), program="""
        def plant(directory):
            with open(directory + "/sitecustomize.py", "w") as f:
                f.write("print('planted')")
            return directory
        import sysconfig
        paths = [p for base in (sysconfig.get_paths()["purelib"], "/usr/lib/python3/dist-packages", "@USR_DIR@")
                 for p in ways(base) if "@USR_DIR@" in p or not p.startswith("/proc/")]
        with refusal():
            where = first(paths, plant)
        escaped("planted in " + where)
    """),
    Attack("remount_root", "makes the read-only root writable", off="seccomp,capabilities,landlock", program="""
        with refusal():
            check(libc.mount(None, b"/", None, 4096 | 32, None))  # MS_BIND | MS_REMOUNT
            os.close(os.open("/planted", os.O_CREAT | os.O_WRONLY))
        escaped("remounted / and wrote to it")
    """),
    Attack("mount_over", "mounts a file system of its own", off="seccomp,capabilities,landlock", program="""
        with refusal():
            check(libc.mount(b"x", b"/work", b"tmpfs", 0, b""))
        escaped("mounted a tmpfs without limits on /work")
    """),
    Attack("mount_new_api", "makes a file system by the new mount calls (as in CVE-2022-0185)",
           off="seccomp,capabilities,landlock", program="""
        with refusal():
            fs = call("fsopen", b"tmpfs", 0)
            call("fsconfig", fs, 6, None, None, 0)  # FSCONFIG_CMD_CREATE
            fd = call("fsmount", fs, 0, 0)
            os.close(os.open("x", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
        escaped("a detached file system of its own")
    """),
    Attack("copy_mount_tree", "clones a mount without its restrictions", off="seccomp,capabilities",
           program="""
        with refusal():
            fd = call("open_tree", -100, b"/usr", 1)  # OPEN_TREE_CLONE
        escaped("a detached copy of /usr, descriptor %d" % fd)
    """),
    Attack("umount_tmp", "uncovers what a mount hides", off="seccomp,capabilities,landlock", program="""
        with refusal():
            check(libc.umount2(b"/dev/shm", 2))  # MNT_DETACH
        escaped("unmounted /dev/shm")
    """),
    Attack("pivot_root", "changes the root of all in the box", off="seccomp,capabilities,landlock", program="""
        with refusal():
            check(libc.mount(b"x", b"/tmp", b"tmpfs", 0, b""))
            os.mkdir("/tmp/old")
            call("pivot_root", b"/tmp", b"/tmp/old")
        escaped("pivoted into a root of its own")
    """),
    Attack("chroot", "enters a root of its own", off="seccomp,capabilities", program="""
        with refusal():
            os.chroot("/tmp")
        escaped("/ is now %s" % os.listdir("/"))
    """),
    Attack("mknod_device", "makes a device node (the one that the kernel gives to anybody: a whiteout)",
           off="seccomp,landlock", program="""
        with refusal():
            os.mknod("/tmp/device", 0o666 | stat.S_IFCHR, os.makedev(0, 0))
        escaped("made a character device")
    """),
    Attack("mkfifo", "leaves a FIFO that blocks whoever opens it", off="seccomp", program="""
        with refusal():
            os.mkfifo("/tmp/fifo")
        escaped("made a FIFO")
    """),
    Attack("device_inventory", "reaches devices of the host", off="dev_private", program="""
        allowed = {"null", "zero", "full", "random", "urandom", "fd", "stdin", "stdout", "stderr", "shm"}
        found = set(os.listdir("/dev")) - allowed
        if not found:
            contained("nothing but %s" % sorted(os.listdir("/dev")))
        escaped("devices %s" % sorted(found))
    """),
    Attack("replace_device", "replaces the box's own device files", off="dev_ro,landlock", program="""
        with refusal():
            with open("/dev/evil", "w") as f:
                f.write("not a device")
        escaped("wrote a file into /dev")
    """),
    Attack("handle_of_file", "opens files by handle, past every path (as in the 2014 'shocker')",
           off="seccomp,capabilities", program="""
        handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128), 136)
        mount_id = ctypes.c_int()
        os.makedirs("/tmp/x/by handle")
        with refusal():
            call("name_to_handle_at", -100, b"/tmp/x", handle, ctypes.byref(mount_id), 0)
            at = os.open("/tmp", os.O_RDONLY)
            fd = call("open_by_handle_at", at, handle, os.O_RDONLY | os.O_DIRECTORY)
        escaped("opened by handle: %s" % os.listdir(fd))
    """),
    Attack("name_to_handle", "learns handles of files", off="seccomp", program="""
        handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128), 136)
        mount_id = ctypes.c_int()
        with refusal():
            call("name_to_handle_at", -100, b"/tmp", handle, ctypes.byref(mount_id), 0)
        escaped("handle on mount %d" % mount_id.value)
    """),
    Attack("kernel_files_in_proc", "reads system-wide files of /proc", off="proc", program="""
        seen = [n for n in ("sys", "kallsyms", "cpuinfo", "meminfo", "mounts", "sysrq-trigger", "keys", "kcore",
                            "modules", "timer_list", "interrupts", "self/../sys/kernel/core_pattern")
                if os.access("/proc/" + n, os.F_OK) and n != "mounts"]
        if not seen:
            contained("/proc holds %s" % sorted(os.listdir("/proc"))[:8])
        escaped("/proc has %s" % seen)
    """),
    Attack("write_proc", "writes to files of /proc", off="proc,landlock", program="""
        with refusal():
            fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
            os.write(fd, b"1000")
        escaped("wrote to /proc: oom_score_adj is %s" % read("/proc/self/oom_score_adj").decode().strip())
    """),
    Attack("overwrite_memory_by_proc", "writes to read-only pages through /proc/self/mem", off="proc,landlock",
           program="""
        page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ)
        anchor = ctypes.c_char_p(b"read-only")
        address = ctypes.cast(anchor, ctypes.c_void_p).value
        with refusal():
            fd = os.open("/proc/self/mem", os.O_RDWR)
            os.pwrite(fd, b"OVERWRITE", address)
        escaped("wrote %r through /proc/self/mem" % ctypes.string_at(address, 9))
    """),
    Attack("cgroup_files", "reaches the files that hold its limits", off="close_fds,landlock", program="""
        with refusal():
            names = first(ways("/sys/fs/cgroup"), lambda p: os.listdir(p) and p)
            inside = [d for d, _, files in os.walk(names) if "cgroup.procs" in files]
            text = read(inside[0] + "/cgroup.procs") if inside else b""
        if not inside:
            contained("no cgroup file in %s" % names)
        escaped("%d cgroups, processes %r" % (len(inside), text[:20]))
    """),
    Attack("set_id_file", "keeps a set-id program for others", off="noexec", program="""
        open("/tmp/s", "w").close()
        os.chmod("/tmp/s", 0o4755)
        if os.statvfs("/tmp").f_flag & os.ST_NOSUID:
            contained("set-id bits on /tmp count for nothing")
        escaped("a set-id file in %s" % oct(os.stat("/tmp/s").st_mode))
    """),
    Attack("run_file_from_tmp", "loads code that it has written", off="noexec", program="""
        import glob
        with refusal():
            data = open(sorted(glob.glob("/usr/lib/python3*/lib-dynload/_json*.so"))[0], "rb").read()
            with open("/tmp/code.so", "wb") as f:
                f.write(data)
            library = ctypes.PyDLL("/tmp/code.so")
        escaped("loaded %s" % library)
    """),
    Attack("state_for_next_run", "leaves data for a later run", off="close_fds,landlock", program="""
        for place in ("/tmp", "/work", "/dev/shm", "/var/tmp"):
            for path in ways(place + "/@STATE@"):
                try:
                    with open(path, "w") as f:
                        f.write("state")
                    os.chmod(path, 0o666)
                except OSError:
                    pass
    """, second="""
        found = []
        for place in ("/tmp", "/work", "/dev/shm", "/var/tmp"):
            for path in ways(place + "/@STATE@"):
                try:
                    found.append(read(path) and path)
                except OSError:
                    pass
        if found:
            escaped("found %s" % found)
        contained("nothing left of the run before")
    """),
    Attack("fill_tmp", "writes more than the writable places may hold", off="tmpfs_limits", program="""
        block, total = bytes(1 << 20), 0
        with refusal():
            for i in range(12):
                with open("/tmp/%d" % i, "wb", buffering=0) as f:
                    for _ in range(15):
                        total += f.write(block)
        escaped("wrote %d MiB to /tmp" % (total >> 20))
    """),
    Attack("fill_work", "gets round the allowance of /tmp by the working directory", off="tmpfs_limits", program="""
        block, total = bytes(1 << 20), 0
        with refusal():
            for i in range(12):
                with open(("/tmp/%d", "/work/%d")[i % 2] % i, "wb", buffering=0) as f:
                    for _ in range(15):
                        total += f.write(block)
        escaped("wrote %d MiB to /tmp and /work" % (total >> 20))
    """),
    Attack("fill_shm", "writes more than /dev/shm may hold", off="tmpfs_limits", program="""
        block, total = bytes(1 << 20), 0
        with refusal():
            for i in range(8):
                with open("/dev/shm/%d" % i, "wb", buffering=0) as f:
                    for _ in range(15):
                        total += f.write(block)
        escaped("wrote %d MiB to /dev/shm" % (total >> 20))
    """),
    Attack("inodes", "makes more files than a tmpfs may hold", off="tmpfs_limits", program="""
        os.mkdir("/tmp/many")
        at = os.open("/tmp/many", os.O_RDONLY)
        with refusal():
            for i in range(20000):
                os.symlink("x", str(i), dir_fd=at)
        escaped("made %d files" % len(os.listdir("/tmp/many")))
    """, fields={"limits": {"cpu_percent": 100}}),
    Attack("leaked_directory", "goes back to the host by a leaked descriptor (CVE-2024-21626)",
           off="close_fds,landlock", program="""
        with refusal():
            for fd in descriptors():
                if stat.S_ISDIR(os.fstat(fd).st_mode):
                    os.fchdir(fd)
                    os.chdir("../../../..")
                    text = read("." + "@SECRET_PATH@")
                    escaped("in %s, read %s" % (os.listdir(".")[:5], text.decode()))
        contained("no directory descriptor among %s" % descriptors())
    """),
    Attack("lock_channel", "sees and holds locks of whole files that others hold", off="seccomp",
           needs=("LOCK_FILE",), program="""
        import fcntl
        fd = os.open("@LOCK_FILE@", os.O_RDONLY)
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            escaped("sees that another process of the host holds the lock")
        except OSError as error:
            contained(error)
        escaped("took a lock that others wait for")
    """),
    Attack("record_lock_channel", "sees record locks that others hold", off="seccomp", needs=("LOCK_FILE",), program="""
        import fcntl
        fd = os.open("@LOCK_FILE@", os.O_RDONLY)
        with refusal():
            answer = fcntl.fcntl(fd, fcntl.F_GETLK, struct.pack("hhlli4x", fcntl.F_WRLCK, 0, 0, 0, 0))
        if struct.unpack("hhlli4x", answer)[0] != fcntl.F_UNLCK:
            escaped("sees the host's record lock")
        contained("no lock seen")
    """),
    Attack("drop_page_cache", "throws pages of /usr out of the cache that all share", off="seccomp", program="""
        fd = os.open("/usr/bin/python3", os.O_RDONLY)
        with refusal():
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        escaped("dropped the interpreter's pages")
    """),
    Attack("watch_page_cache", "learns which pages others use", off="seccomp", program="""
        fd = os.open("/usr/bin/python3", os.O_RDONLY)
        page = mmap.mmap(fd, 1 << 20, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE)
        view = libc.mmap
        view.restype = ctypes.c_void_p
        view.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
        address = view(None, 1 << 20, 1, 2, fd, 0)
        bits = ctypes.create_string_buffer(256)
        with refusal():
            call("mincore", ctypes.c_void_p(address), 1 << 20, bits)
        escaped("%d of 256 pages are cached" % sum(b & 1 for b in bits.raw))
    """),
    Attack("terminals", "reaches a terminal of the host", off="dev_private", program="""
        names = [n for n in ("/dev/tty", "/dev/ptmx", "/dev/console", "/dev/tty0") if os.path.exists(n)]
        if not names:
            contained("no terminal in the box")
        try:
            fd = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
        except OSError as error:
            escaped("terminals %s (%s)" % (names, error))
        escaped("opened a terminal, names %s" % names)
    """),
    Attack("environment", "reads the executor's environment", off="environment", program="""
        seen = [k for k, v in os.environ.items() if "@MARK@" in k + v or k.startswith("SG_")]
        for path in ("/proc/1/environ", "/proc/self/environ"):
            try:
                if b"@MARK@" in read(path, 65536):
                    seen.append(path)
            except OSError:
                pass
        if seen:
            escaped("the executor's %s" % seen)
        contained("only %s" % sorted(os.environ))
    """),
)
