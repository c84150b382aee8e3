# Calls that get an error, through C: which one.
# tiers
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for name, number, arguments in (("ptrace", 101, (0,)), ("mount", 165, ()), ("unshare", 272, (0x10000000,)), ("setns", 308, (0, 0)), ("bpf", 321, ()), ("perf", 298, ()), ("keyctl", 250, ()), ("shmget", 29, (0, 4096, 0o1600)), ("semget", 64, ()), ("msgget", 68, ()), ("clone3", 435, ()), ("vfork", 58, ()),
                                ("process_vm_readv", 310, ()), ("pidfd_open", 434, (1, 0)), ("io_uring", 425, ()), ("userfaultfd", 323, ()), ("memfd", 319, (b"x", 0)), ("timer_create", 222, ()), ("mlock", 149, ()), ("prctl", 157, (4, 0)), ("seccomp", 317, ()), ("landlock", 444, (0, 0, 1)), ("fanotify", 300, ()), ("inotify", 253, ()), ("nothing", 999, ()), ("execveat", 322, (-1, b"/usr/bin/true", 0, 0, 0))):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *arguments)
    print(name, result if result < 3 else "more", os.strerror(ctypes.get_errno()))
