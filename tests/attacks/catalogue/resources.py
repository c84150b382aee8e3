"""Resources: more memory, processor, output, files, descriptors, time than was given."""

from table import Attack, ended_by, prints_contained, prints_escaped, table

SMALL = {"limits": {"memory_bytes": 64 << 20}}


def memory_ended_it(answer):
    return answer.termination.get("reason") == "memory" and not prints_escaped(answer)


def memory_or_refused(answer):
    return memory_ended_it(answer) or prints_contained(answer)


def wrote(n):
    def check(answer):
        return answer.doc.get("stdout_bytes", 0) + answer.doc.get("stderr_bytes", 0) >= n

    return check


def share_of_cpu(low, high):
    """The program's own figure: used / passed."""

    def check(answer):
        lines = [line for line in answer.stdout.splitlines() if line.startswith("share ")]
        return bool(lines) and low <= float(lines[-1].split()[1]) <= high

    return check


ATTACKS = table(
    "resources",
    Attack("memory_heap", "takes more memory than it may", off="cgroup_memory", fields=SMALL,
           contained=memory_ended_it, program="""
        held = [bytearray(8 << 20) for _ in range(25)]
        for block in held:
            block[::4096] = b"x" * (len(block) // 4096)
        escaped("200 MiB of heap")
    """),
    Attack("memory_shared_map", "takes it as shared anonymous memory", off="cgroup_memory", fields=SMALL,
           contained=memory_ended_it, program="""
        page = mmap.mmap(-1, 150 << 20)
        for at in range(0, 150 << 20, 4096):
            page[at] = 1
        escaped("150 MiB of shared memory")
    """),
    Attack("memory_tmp", "takes it as files in /tmp", off="cgroup_memory", fields=SMALL, contained=memory_or_refused,
           program="""
        block = bytes(1 << 20)
        with refusal():
            with open("/tmp/a", "wb", buffering=0) as a, open("/tmp/b", "wb", buffering=0) as b:
                for _ in range(45):
                    a.write(block)
                    b.write(block)
        escaped("90 MiB of files")
    """),
    Attack("memory_shm", "takes it in /dev/shm", off="cgroup_memory", contained=memory_or_refused,
           fields={"limits": {"memory_bytes": 40 << 20}}, program="""
        block = bytes(1 << 20)
        with refusal():
            with open("/dev/shm/a", "wb", buffering=0) as f:
                for _ in range(60):
                    f.write(block)
        escaped("60 MiB of shared memory files")
    """),
    Attack("memory_numpy", "takes it by NumPy", off="cgroup_memory", fields=SMALL, contained=memory_ended_it,
           program="""
        import numpy
        array = numpy.ones((200, 1 << 17))
        escaped("%d MiB by NumPy" % (array.nbytes >> 20))
    """),
    Attack("memory_brk", "takes it from under the allocator", off="cgroup_memory", fields=SMALL,
           contained=memory_ended_it, program="""
        libc.sbrk.restype = ctypes.c_void_p
        start = libc.sbrk(ctypes.c_long(100 << 20))
        ctypes.memset(ctypes.c_void_p(start), 1, 100 << 20)
        escaped("100 MiB by brk")
    """),
    Attack("memory_threads", "takes it in stacks of threads", off="cgroup_memory", fields=SMALL,
           contained=memory_ended_it, program="""
        threading.stack_size(8 << 20)
        ready, stop = threading.Semaphore(0), threading.Event()
        def deep():
            libc.memset(ctypes.create_string_buffer(4 << 20), 1, 4 << 20)
            held = bytearray(4 << 20)
            held[::4096] = b"x" * 1024
            ready.release()
            stop.wait()
        for _ in range(30):
            threading.Thread(target=deep, daemon=True).start()
        for _ in range(30):
            ready.acquire()
        escaped("30 threads of 4 MiB")
    """),
    Attack("memory_pipes", "takes it as what lies in pipes", off="cgroup_memory", contained=memory_or_refused,
           fields={"limits": {"memory_bytes": 24 << 20}}, program="""
        block = bytes(65536)
        with refusal():
            for _ in range(480):
                into, out = os.pipe()
                os.set_blocking(out, False)
                os.write(out, block)
        escaped("30 MiB in 480 pipes")
    """),
    Attack("memory_sockets", "takes it as what lies in sockets", off="cgroup_memory", contained=memory_or_refused,
           fields={"limits": {"memory_bytes": 24 << 20}}, program="""
        import socket
        pairs, sent = [], 0
        with refusal():
            for _ in range(200):
                a, b = socket.socketpair()
                a.setblocking(False)
                pairs.append((a, b))
                try:
                    while True:
                        sent += a.send(bytes(65536))
                except BlockingIOError:
                    pass
        escaped("%d MiB in sockets" % (sent >> 20))
    """),
    Attack("cpu_share", "takes more of the processor than its share", off="cgroup_cpu",
           fields={"limits": {"cpu_percent": 10, "cpu_time_ms": 10000}}, contained=share_of_cpu(0, 0.15),
           succeeded=share_of_cpu(0.16, 1.2), program="""
        best, began = 0, time.monotonic()
        while best < 0.3 and time.monotonic() - began < 3:  # the best of several looks: the machine may have no more to give
            start, used = time.monotonic(), time.process_time()
            while time.monotonic() - start < 0.8:
                pass
            best = max(best, (time.process_time() - used) / (time.monotonic() - start))
        print("share %.2f" % best)
    """),
    # 2.5 s: RLIMIT_CPU alone ends it after 1, counted by clock ticks, which lag behind what process_time() shows.
    Attack("cpu_time", "calculates without end", off="cpu_timer,rlimits", contained=ended_by("cpu_time"),
           fields={"timeout": 40, "limits": {"cpu_time_ms": 300, "cpu_percent": 100}}, program="""
        while time.process_time() < 2.5:
            pass
        escaped("used seconds of processor")
    """),
    Attack("cpu_time_threads", "calculates in several threads", off="cpu_timer,rlimits", contained=ended_by("cpu_time"),
           fields={"timeout": 40, "limits": {"cpu_time_ms": 300, "cpu_percent": 100}}, program="""
        import hashlib
        def burn():
            while time.process_time() < 2.5:
                hashlib.sha256(bytes(1 << 20)).digest()
        threads = [threading.Thread(target=burn) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        escaped("used seconds of processor in threads")
    """),
    Attack("output_flood", "writes without end", off="output_cap", contained=ended_by("output"),
           succeeded=wrote(70 << 20), fields={"limits": {"cpu_percent": 100}}, program="""
        block = b"flood! " * 150000
        for _ in range(72):
            os.write(1, block)
    """),
    Attack("error_flood", "writes without end to stderr", off="output_cap", contained=ended_by("output"),
           succeeded=wrote(70 << 20), fields={"limits": {"cpu_percent": 100}}, program="""
        block = b"x" * (1 << 20)
        for _ in range(72):
            os.write(2, block)
    """),
    Attack("double_flood", "fills both streams from threads at once", off="output_cap", contained=ended_by("output"),
           succeeded=wrote(140 << 20), fields={"limits": {"cpu_percent": 100}}, program="""
        block = b"x" * (1 << 20)
        def fill(fd):
            for _ in range(72):
                sent = 0
                while sent < len(block):
                    sent += os.write(fd, block[sent:])
        threads = [threading.Thread(target=fill, args=(fd,)) for fd in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    """),
    Attack("merged_flood", "writes without end through one pipe", off="output_cap", contained=ended_by("output"),
           succeeded=wrote(70 << 20), fields={"merge_stderr": True, "limits": {"cpu_percent": 100}}, program="""
        block = b"x" * (1 << 20)
        for i in range(72):
            os.write(1 + i % 2, block)
    """),
    Attack("descriptors", "opens files without end", off="rlimits", program="""
        with refusal():
            for opened in range(3000):
                os.dup(0)
        escaped("3000 descriptors")
    """),
    Attack("file_size", "makes a file larger than it may", off="rlimits", program="""
        block = bytes(1 << 20)
        with refusal():
            with open("/tmp/large", "wb", buffering=0) as f:
                for _ in range(8):
                    f.write(block)
        escaped("a file of 8 MiB where 4 are allowed")
    """, fields={"limits": {"file_bytes": 4 << 20}}),
    Attack("sparse_file", "makes a file that seems to hold a terabyte", off="rlimits", program="""
        with refusal():
            with open("/tmp/sparse", "wb") as f:
                f.truncate(1 << 40)
        escaped("a file of %d bytes" % os.stat("/tmp/sparse").st_size)
    """),
    Attack("timers", "makes timers without end", off="seccomp,rlimits", program="""
        event = struct.pack("QiiQQ", 0, 34, 0, 0, 0) + bytes(40)
        made = ctypes.c_int()
        with refusal():
            for _ in range(1500):
                call("timer_create", 1, event, ctypes.byref(made))
        escaped("1500 timers")
    """),
    Attack("queued_signals", "queues signals without end", off="seccomp,rlimits", program="""
        signal.pthread_sigmask(signal.SIG_BLOCK, {40})
        info = struct.pack("iii", 40, 0, -1) + bytes(116)
        with refusal():
            for _ in range(1500):
                call("rt_sigqueueinfo", os.getpid(), 40, info)
        escaped("1500 signals wait")
    """),
)
