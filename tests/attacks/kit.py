# What every attack program begins with.
import contextlib
import ctypes
import errno
import mmap
import os
import signal
import stat
import struct
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

NR = dict(shmget=29, shmat=30, semget=64, msgget=68, clone=56, exit=60, ptrace=101, syslog=103, personality=135,
          modify_ldt=154, pivot_root=155, io_setup=206, kcmp=312, timer_create=222, mq_open=240, add_key=248,
          keyctl=250, inotify_init=253, set_mempolicy=238, unshare=272, splice=275, tee=276, vmsplice=278,
          perf_event_open=298, fanotify_init=300, prlimit64=302, name_to_handle_at=303, open_by_handle_at=304,
          clock_adjtime=305, setns=308, process_vm_readv=310, finit_module=313, seccomp=317, memfd_create=319,
          bpf=321, execveat=322, userfaultfd=323, io_uring_setup=425, io_uring_enter=426, open_tree=428,
          fsopen=430, fsconfig=431, fsmount=432, pidfd_open=434, clone3=435, pidfd_getfd=438,
          landlock_create_ruleset=444, memfd_secret=447, rt_sigqueueinfo=129, sched_setscheduler=144,
          prctl=157, mlock=149, sethostname=170, mount=165, umount2=166, chroot=161, getpid=39,
          mincore=27, flock=73, remap_file_pages=216, migrate_pages=256)


def escaped(evidence):
    os.write(1, ("ESCAPED %s\n" % (evidence,)).encode(errors="replace"))
    os._exit(0)


def contained(how):
    os.write(1, ("CONTAINED %s\n" % (how,)).encode(errors="replace"))
    os._exit(0)


@contextlib.contextmanager
def refusal(*more):
    """An OSError (or one of `more`) in here is the box that says no."""
    try:
        yield
    except (OSError, *more) as error:
        contained("%s: %s" % (type(error).__name__, error))


def call(name, *args):
    """The system call; OSError when it fails."""
    number = NR[name] if isinstance(name, str) else name
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number),
                          *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(name))
    return result


def check(result):
    """Of a libc function called through ctypes: OSError for -1."""
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def descriptors():
    """Open ones beyond stdio."""
    found = []
    for fd in range(3, 1024):
        try:
            os.fstat(fd)
        except OSError:
            continue
        found.append(fd)
    return found


def ways(path):
    """The path itself, and by way of every directory descriptor that we may have inherited."""
    yield path
    for fd in descriptors():
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            yield "/proc/self/fd/%d%s" % (fd, path)


def first(paths, action):
    """The result of action(path) for the first path where it works; else the last OSError."""
    last = FileNotFoundError(errno.ENOENT, "no path at all")
    for path in paths:
        try:
            return action(path)
        except OSError as error:
            last = error
    raise last


def read(path, n=4096):
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, n)
    finally:
        os.close(fd)


def status(name):
    for line in read("/proc/self/status", 65536).decode().splitlines():
        if line.startswith(name + ":"):
            return line.split(":", 1)[1].strip()
    return ""
