/* confine.c: see confine.h */
#include "fcgi/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"

/* One row per call that the worker, libfcgi, jansson and glibc make after start; without a
   condition, or with one on one argument: (argument & mask) == value. Several rows of one call are
   alternatives. */
struct row {
    int call;
    int argument; /* -1: no condition */
    uint64_t mask, value;
};
#define ANY(name)                                                                                  \
    {                                                                                              \
        SCMP_SYS(name), -1, 0, 0                                                                   \
    }
#define WHEN(name, arg, msk, val)                                                                  \
    {                                                                                              \
        SCMP_SYS(name), arg, msk, val                                                              \
    }
#define TYPE_MASK 0xf /* of socket(2): without SOCK_CLOEXEC and SOCK_NONBLOCK */

static const struct row rows[] = {
    /* what is open */
    ANY(read),
    ANY(readv),
    ANY(write),
    ANY(writev),
    ANY(close),
    ANY(lseek),
    ANY(pread64),
    ANY(pwrite64),
    ANY(fstat), /* the kernel's; that of glibc 2.33 is newfstatat, which takes a path as well */
    ANY(poll),
    ANY(ppoll),
    ANY(epoll_create1), /* idle.h: of many workers one is woken */
    ANY(epoll_ctl),
    ANY(epoll_pwait),
    ANY(select),
    ANY(pselect6),
    WHEN(fcntl, 1, UINT32_MAX, F_GETFD),
    WHEN(fcntl, 1, UINT32_MAX, F_SETFD),
    WHEN(fcntl, 1, UINT32_MAX, F_GETFL),
    WHEN(fcntl, 1, UINT32_MAX, F_SETFL),
    WHEN(fcntl, 1, UINT32_MAX, F_DUPFD_CLOEXEC),
    WHEN(fcntl, 1, UINT32_MAX, F_ADD_SEALS),
    WHEN(fcntl, 1, UINT32_MAX, F_GET_SEALS),
    /* the job's files and input, as memory */
    ANY(memfd_create),
    ANY(ftruncate),
    /* the web server's connections, the executor's, the log's */
    ANY(accept),
    ANY(accept4),
    ANY(recvfrom),
    ANY(recvmsg),
    ANY(sendto),
    ANY(sendmsg),
    ANY(shutdown),
    ANY(getsockopt),
    ANY(setsockopt),
    ANY(getsockname),
    ANY(getpeername),
    ANY(connect),
    /* memory, never executable */
    WHEN(mmap, 2, PROT_EXEC, 0),
    WHEN(mprotect, 2, PROT_EXEC, 0),
    ANY(munmap),
    ANY(mremap),
    ANY(madvise),
    ANY(brk),
    /* time, chance, signals, locks, ids */
    ANY(clock_gettime),
    ANY(clock_nanosleep),
    ANY(nanosleep),
    ANY(gettimeofday),
    ANY(time),
    ANY(getrandom),
    ANY(rt_sigaction),
    ANY(rt_sigprocmask),
    ANY(rt_sigpending),
    ANY(rt_sigtimedwait),
    ANY(rt_sigreturn),
    ANY(sigaltstack),
    ANY(restart_syscall),
    ANY(futex),
    ANY(sched_yield),
    ANY(getpid),
    ANY(gettid),
    ANY(getuid),
    ANY(geteuid),
    ANY(getgid),
    ANY(getegid),
    /* the end: its own, and its child's */
    ANY(wait4),
    ANY(waitid),
    ANY(exit),
    ANY(exit_group),
#if SG_CONFINE_SANITIZED
    WHEN(openat, 2, O_ACCMODE | O_CREAT, O_RDONLY),
    WHEN(newfstatat, 3, AT_EMPTY_PATH, AT_EMPTY_PATH),
    ANY(readlink),
    ANY(getcwd),
    ANY(prctl),
#endif
};

static int drop_capabilities(struct sg_error *err)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0};
    /* The bounding set takes CAP_SETPCAP to drop; without it nothing can be gained anyway, since
       no_new_privs makes execve gain nothing, and the filter refuses execve. */
    for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        (void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &head, none) < 0)
        return sg_error_errno(err, errno, "cannot drop capabilities");
    return 0;
}

int sg_confine_begin(struct sg_error *err)
{
    struct rlimit core = {1, 1};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return sg_error_errno(err, errno, "cannot set no_new_privs");
    if (drop_capabilities(err) < 0)
        return err->code;
    /* Where the hard limit is 0 already it cannot be raised, and need not be: not dumpable, no
     * dump. */
    if (setrlimit(RLIMIT_CORE, &core) < 0 && errno != EPERM)
        return sg_error_errno(err, errno, "cannot limit core dumps");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return sg_error_errno(err, errno, "cannot become non-dumpable");
    return 0;
}

static int add_row(scmp_filter_ctx ctx, const struct row *r)
{
    if (r->argument < 0)
        return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, r->call, 0);
    return seccomp_rule_add(
        ctx, SCMP_ACT_ALLOW, r->call, 1,
        SCMP_CMP64((unsigned)r->argument, SCMP_CMP_MASKED_EQ, r->mask, r->value));
}

/* Rules whose values are only known now, or that need two conditions. */
static int add_special(scmp_filter_ctx ctx, pid_t child)
{
    pid_t self = getpid();
    int rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                              SCMP_CMP64(0, SCMP_CMP_EQ, AF_UNIX),
                              SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, TYPE_MASK, SOCK_SEQPACKET));
    if (rc == 0) /* abort(3) */
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                              SCMP_CMP64(0, SCMP_CMP_EQ, (uint64_t)self));
    if (rc == 0 && child > 0)
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1,
                              SCMP_CMP64(0, SCMP_CMP_EQ, (uint64_t)child));
    return rc;
}

int sg_confine_filter(pid_t child, struct sg_error *err)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int rc = ctx ? 0 : -ENOMEM;
    if (rc == 0)
        rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (rc == 0)
        rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; rc == 0 && i < SG_ARRAY_LEN(rows); i++)
        rc = add_row(ctx, &rows[i]);
    if (rc == 0)
        rc = add_special(ctx, child);
    if (rc == 0)
        rc = seccomp_load(ctx);
    if (ctx)
        seccomp_release(ctx);
    return rc < 0 ? sg_error_errno(err, -rc, "cannot load the worker's seccomp filter") : 0;
}
