/* A child confines itself as the worker does, then tries each thing that it must not be able to do,
   and each that it must. The parent sees by a pipe which attempt was answered with what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/ipc/client.h"
#include "fcgi/confine.h"

static long open_write(void)
{
    return open("/tmp/sg-confine", O_WRONLY | O_CREAT, 0600);
}
static long open_read(void)
{
    return open("/etc/passwd", O_RDONLY);
}
static long open_null(void)
{
    return open("/dev/null", O_RDWR);
}
static long old_open(void)
{
    return syscall(SYS_open, "/tmp/sg-confine", O_WRONLY | O_CREAT, 0600);
}
static long do_openat2(void)
{
    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd",
                   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24);
}
static long do_creat(void)
{
    return syscall(SYS_creat, "/tmp/sg-confine", 0600);
}
static long do_execve(void)
{
    char *argv[] = {"true", NULL};
    return execve("/bin/true", argv, NULL);
}
static long do_execveat(void)
{
    char *argv[] = {"true", NULL};
    return syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, NULL, 0);
}
static long do_fork(void)
{
    long pid = fork();
    if (pid == 0)
        _exit(0);
    return pid;
}
static long do_vfork(void)
{
    return syscall(SYS_vfork);
}
static long do_clone3(void)
{
    return syscall(SYS_clone3, NULL, 0);
}
static long tcp_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}
static long udp6_socket(void)
{
    return socket(AF_INET6, SOCK_DGRAM, 0);
}
static long netlink_socket(void)
{
    return socket(AF_NETLINK, SOCK_RAW, 0);
}
static long unix_stream(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}
static long unix_dgram(void)
{
    return socket(AF_UNIX, SOCK_DGRAM, 0);
}
static long do_socketpair(void)
{
    int sv[2];
    return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv);
}
static long do_bind(void)
{
    struct sockaddr sa = {.sa_family = AF_UNIX};
    return bind(0, &sa, sizeof(sa_family_t));
}
static long do_listen(void)
{
    return listen(0, 1);
}
static long do_ptrace(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}
static long read_parent(void)
{
    return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}
static long kill_parent(void)
{
    return kill(getppid(), 0);
}
static long do_mount(void)
{
    return mount("none", "/mnt", "tmpfs", 0, NULL);
}
static long do_unshare(void)
{
    return unshare(CLONE_NEWUSER);
}
static long do_unlink(void)
{
    return unlink("/tmp/sg-confine");
}
static long do_mkdir(void)
{
    return syscall(SYS_mkdir, "/tmp/sg-confine", 0700);
}
static long do_chmod(void)
{
    return syscall(SYS_chmod, "/tmp", 0777);
}
static long do_rename(void)
{
    return rename("/tmp/sg-a", "/tmp/sg-b");
}
static long path_stat(void)
{
    return syscall(SYS_stat, "/etc/passwd", NULL);
}
/* The path at which fstat(3) of glibc 2.33 and later needs "". */
static long path_fstatat(void)
{
    struct stat st;
    return syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &st, AT_EMPTY_PATH);
}
#if !SG_CONFINE_SANITIZED
static long no_path_fstatat(void)
{
    struct stat st;
    return syscall(SYS_newfstatat, AT_FDCWD, "/nonexistent", &st, AT_EMPTY_PATH);
}
#endif
static long path_statx(void)
{
    struct statx st;
    return statx(AT_FDCWD, "/etc/passwd", AT_EMPTY_PATH, STATX_BASIC_STATS, &st);
}
static long path_access(void)
{
    return syscall(SYS_access, "/etc/passwd", F_OK);
}
static long path_faccessat(void)
{
    return syscall(SYS_faccessat, AT_FDCWD, "/etc/passwd", F_OK);
}
static long path_readlink(void)
{
    char target[64];
    return readlink("/proc/self/exe", target, sizeof target);
}
static long do_chdir(void)
{
    return chdir("/");
}
static long exec_memory(void)
{
    return (long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static long make_executable(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}
static long do_setuid(void)
{
    return syscall(SYS_setuid, getuid());
}
static long do_prctl(void)
{
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}
static long do_setrlimit(void)
{
    struct rlimit r = {0, 0};
    return setrlimit(RLIMIT_CORE, &r);
}
static long do_bpf(void)
{
    return syscall(SYS_bpf, 0, NULL, 0);
}
static long do_io_uring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL);
}
static long do_seccomp(void)
{
    return syscall(SYS_seccomp, 0, 0, NULL);
}
static long dup_over(void)
{
    return fcntl(0, F_SETOWN, 1);
}

static long sealed_memory(void)
{
    int fd = sg_memfd_sealed("test", "abc", 3);
    const char *data;
    size_t n;
    return fd < 0 ? fd : sg_memfd_map(fd, 10, &data, &n);
}
static long executor_socket(void)
{
    return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
}
static long reach_executor(void) /* the attempt is allowed; nobody is there */
{
    struct sg_client c = SG_CLIENT_INIT;
    struct sg_error err = SG_ERROR_INIT;
    int rc = sg_client_connect(&c, "native", "/nonexistent/sandgate.sock", &err);
    return rc == -ENOENT ? 0 : -1;
}
static long much_memory(void)
{
    char *p = malloc(8 << 20);
    if (!p)
        return -1;
    memset(p, 1, 8 << 20);
    p = realloc(p, 16 << 20);
    free(p);
    return p ? 0 : -1;
}
static long some_random(void)
{
    char b[16];
    return getrandom(b, sizeof b, 0) == sizeof b ? 0 : -1;
}
static long some_time(void)
{
    struct timespec ts;
    return clock_gettime(CLOCK_MONOTONIC, &ts);
}
static long some_poll(void)
{
    return poll(NULL, 0, 1);
}
static long some_signals(void)
{
    sigset_t s;
    return sigpending(&s);
}

static const struct attempt {
    const char *name;
    long (*make)(void);
    bool allowed;
} attempts[] = {
    {"open for writing", open_write, false},
    {"open for reading", open_read, SG_CONFINE_SANITIZED},
    {"open /dev/null", open_null, false},
    {"open by its old number", old_open, false},
    {"openat2", do_openat2, false},
    {"creat", do_creat, false},
    {"execve", do_execve, false},
    {"execveat", do_execveat, false},
    {"fork", do_fork, false},
    {"vfork", do_vfork, false},
    {"clone3", do_clone3, false},
    {"tcp socket", tcp_socket, false},
    {"udp socket", udp6_socket, false},
    {"netlink socket", netlink_socket, false},
    {"unix stream socket", unix_stream, false},
    {"unix datagram socket", unix_dgram, false},
    {"socketpair", do_socketpair, false},
    {"bind", do_bind, false},
    {"listen", do_listen, false},
    {"ptrace", do_ptrace, false},
    {"process_vm_readv", read_parent, false},
    {"signal another process", kill_parent, false},
    {"mount", do_mount, false},
    {"unshare", do_unshare, false},
    {"unlink", do_unlink, false},
    {"mkdir", do_mkdir, false},
    {"chmod", do_chmod, false},
    {"rename", do_rename, false},
    {"stat of a path", path_stat, false},
    {"fstatat of a path", path_fstatat, SG_CONFINE_SANITIZED},
#if !SG_CONFINE_SANITIZED
    {"fstatat of a path that is not there", no_path_fstatat, false},
#endif
    {"statx of a path", path_statx, false},
    {"access", path_access, false},
    {"faccessat", path_faccessat, false},
    {"readlink", path_readlink, SG_CONFINE_SANITIZED},
    {"chdir", do_chdir, false},
    {"executable memory", exec_memory, false},
    {"make memory executable", make_executable, false},
    {"setuid", do_setuid, false},
    {"become dumpable", do_prctl, SG_CONFINE_SANITIZED},
    {"setrlimit", do_setrlimit, false},
    {"bpf", do_bpf, false},
    {"io_uring", do_io_uring, false},
    {"another filter", do_seccomp, false},
    {"fcntl F_SETOWN", dup_over, false},
    {"sealed memfd", sealed_memory, true},
    {"socket to an executor", executor_socket, true},
    {"connect to an executor", reach_executor, true},
    {"memory", much_memory, true},
    {"getrandom", some_random, true},
    {"clock", some_time, true},
    {"poll", some_poll, true},
    {"sigpending", some_signals, true},
};

struct verdict {
    int confined; /* 0, or why not */
    int dumpable, no_new_privs;
    struct rlimit core;
    struct {
        long result;
        int error;
    } of[SG_ARRAY_LEN(attempts)];
};

static void confined_child(int out)
{
    struct verdict v = {0};
    struct sg_error err = SG_ERROR_INIT;
    v.confined = sg_confine_begin(&err);
    v.dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    v.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    getrlimit(RLIMIT_CORE, &v.core);
    if (v.confined == 0)
        v.confined = sg_confine_filter(0, &err);
    for (size_t i = 0; i < SG_ARRAY_LEN(attempts); i++) {
        errno = 0;
        v.of[i].result = attempts[i].make();
        v.of[i].error = errno;
    }
    _exit(write(out, &v, sizeof v) == (ssize_t)sizeof v ? 0 : 1);
}

static struct verdict verdict;

static int set_up(void **state)
{
    (void)state;
    int p[2], status = 0;
    if (pipe2(p, O_CLOEXEC) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        confined_child(p[1]);
    close(p[1]);
    ssize_t n = read(p[0], &verdict, sizeof verdict);
    close(p[0]);
    waitpid(pid, &status, 0);
    return n == (ssize_t)sizeof verdict && status == 0 ? 0 : -1;
}

static void test_state(void **state)
{
    (void)state;
    assert_int_equal(verdict.confined, 0);
    assert_int_equal(verdict.dumpable, 0);
    assert_int_equal(verdict.no_new_privs, 1);
    assert_true(verdict.core.rlim_max <= 1);
}

static void test_attempts(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(attempts); i++) {
        bool refused = verdict.of[i].result == -1 && verdict.of[i].error == EPERM;
        bool done = verdict.of[i].result >= 0;
        if (attempts[i].allowed ? done : refused)
            continue;
        print_message("case %s: %ld, %s\n", attempts[i].name, verdict.of[i].result,
                      strerror(verdict.of[i].error));
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

/* The private executor, and only it, can be signalled. */
static void test_own_child_can_be_killed(void **state)
{
    (void)state;
    pid_t confined = fork();
    if (confined == 0) {
        struct sg_error err = SG_ERROR_INIT;
        int status = 0;
        pid_t child = fork();
        if (child == 0)
            for (;;)
                pause();
        if (sg_confine_begin(&err) < 0 || sg_confine_filter(child, &err) < 0)
            _exit(1);
        if (kill(getppid(), 0) == 0 || kill(child, SIGKILL) != 0)
            _exit(2);
        _exit(waitpid(child, &status, 0) == child && WIFSIGNALED(status) ? 0 : 3);
    }
    int status = 0;
    assert_int_equal(waitpid(confined, &status, 0), confined);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_attempts),
        cmocka_unit_test(test_own_child_can_be_killed),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
