/*
 * floor.c: the least that a warm run can cost. Loaded into a /usr/bin/python3 that has imported
 * what the program needs (tests/bench/bench_warm does it), it clones that interpreter into fresh
 * pid, mount, ipc and uts namespaces; the clone mounts a tmpfs, changes its ids, loads a seccomp
 * filter, runs the program, and ends. No HTTP, no cgroup, no limits, nothing checked but what was
 * printed.
 *
 *     lib = ctypes.PyDLL("floor.so")            # PyDLL: it is called with the interpreter's lock
 *     lib.floor_open()                          # once: own mount namespace, filter
 *     n = lib.floor_run(code, reading, b"3.0\n", 1.0, 1000, times)   # ms of each, for 1 s
 *     lib.floor_add(1 | 2, b"")                 # from now on with a user and a network namespace
 *
 * What floor_add() adds tells which part of the kernel a slower run spends its time in.
 *
 * The interpreter's C API is declared here: its headers need not be installed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern void PyOS_BeforeFork(void);
extern void PyOS_AfterFork_Parent(void);
extern void PyOS_AfterFork_Child(void);
extern int PyRun_SimpleStringFlags(const char *code, void *flags);

int floor_open(void);
void floor_add(unsigned what, const char *directories);
long floor_run(const char *code, int reading, const char *expected, double seconds, long most,
               double *ms);

static struct sock_filter filter[1024];
static struct sock_fprog program = {0, filter};
static uint64_t tid_address;

#define NOBODY 65534
#define LAST   462 /* numbers from here on are refused */

#ifdef __x86_64__ /* the shipped profiles are for no other */

/* Some of what a real filter refuses; each stands alone, so that each costs two comparisons. */
static const unsigned short refused[] = {
    SYS_ptrace,
    SYS_syslog,
    SYS_acct,
    SYS_settimeofday,
    SYS_mount,
    SYS_umount2,
    SYS_swapon,
    SYS_reboot,
    SYS_sethostname,
    SYS_iopl,
    SYS_create_module,
    SYS_delete_module,
    SYS_quotactl,
    SYS_pivot_root,
    SYS_chroot,
    SYS__sysctl,
    SYS_adjtimex,
    SYS_socket,
    SYS_connect,
    SYS_bind,
    SYS_socketpair,
    SYS_mknod,
    SYS_mknodat,
    SYS_unshare,
    SYS_setns,
    SYS_add_key,
    SYS_keyctl,
    SYS_perf_event_open,
    SYS_bpf,
    SYS_userfaultfd,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_kcmp,
    SYS_finit_module,
    SYS_open_tree,
    SYS_name_to_handle_at,
    SYS_fsopen,
    SYS_fspick,
    SYS_fsmount,
    SYS_process_vm_readv,
    SYS_pidfd_open,
    SYS_fanotify_init,
    SYS_pidfd_getfd,
    SYS_io_uring_register,
    SYS_mount_setattr,
    SYS_process_madvise,
    SYS_personality,
    SYS_open_by_handle_at,
    SYS_vhangup,
    SYS_lookup_dcookie,
    SYS_modify_ldt,
    SYS_vmsplice,
    SYS_migrate_pages,
    SYS_mbind,
    SYS_move_pages,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_setpriority,
    SYS_uselib,
    SYS_ustat,
    SYS_sysfs,
    SYS_set_mempolicy,
    SYS_sched_setscheduler,
    SYS_remap_file_pages,
    SYS_quotactl_fd,
    SYS_memfd_secret,
    SYS_swapoff,
    SYS_semget,
    SYS_shmget,
    SYS_msgget,
    SYS_timer_create,
    SYS_inotify_init,
    SYS_mq_open,
};

static void emit(struct sock_filter instruction)
{
    filter[program.len++] = instruction;
}

/* A binary search over the ranges low to high, of which each is allowed or refused. */
static int emit_tree(const unsigned *from, const uint32_t *action, unsigned low, unsigned high)
{
    if (low == high) {
        emit((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action[low]));
        return 0;
    }
    unsigned middle = (low + high + 1) / 2, at = program.len;
    emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, from[middle], 0, 0));
    int comparisons = 1 + emit_tree(from, action, low, middle - 1);
    if (program.len - at - 1 > 255)
        abort();
    filter[at].jt = (uint8_t)(program.len - at - 1);
    return comparisons + emit_tree(from, action, middle, high);
}

static int make_filter(void)
{
    static uint32_t of[LAST + 1], action[LAST + 1];
    static unsigned from[LAST + 1];
    unsigned n = 0;
    for (unsigned i = 0; i < LAST; i++)
        of[i] = SECCOMP_RET_ALLOW;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        of[refused[i]] = SECCOMP_RET_ERRNO | EPERM;
    of[LAST] = SECCOMP_RET_ERRNO | ENOSYS;
    for (unsigned i = 0; i <= LAST; i++) {
        if (i == 0 || of[i] != of[i - 1]) {
            from[n] = i;
            action[n++] = of[i];
        }
    }
    program.len = 0;
    emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                      offsetof(struct seccomp_data, arch)));
    emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0));
    emit((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
    return emit_tree(from, action, 0, n - 1);
}

#else

static int make_filter(void)
{
    return -ENOTSUP;
}

#endif

/* What all clones share. The number of comparisons in the filter, or -errno. */
int floor_open(void)
{
    /* glibc keeps the thread's id there; a raw clone3 has to say so itself. */
    if (prctl(PR_GET_TID_ADDRESS, &tid_address, 0, 0, 0) < 0)
        return -errno;
    /* The clones' tmpfs must not be seen by anybody else. */
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return -errno;
    return make_filter();
}

static void check(long result, const char *what)
{
    if (result < 0) {
        dprintf(2, "floor: %s: %s\n", what, strerror(errno));
        _exit(120);
    }
}

/* ---- what a box has more ---- */

enum {
    ADD_USER = 1,   /* a user namespace, mapped by the interpreter */
    ADD_NET = 2,    /* a network namespace */
    ADD_CGROUP = 4, /* a cgroup v1 in each hierarchy, with limits, read and removed at the end */
    ADD_PROC = 8,   /* /proc of the pid namespace */
};

#define CGROUPS_MAX 6

static unsigned added;
static char tops[CGROUPS_MAX][256];
static int ntops;

/* directories: of this interpreter, of cgroup v1, one per line, for ADD_CGROUP. */
void floor_add(unsigned what, const char *directories)
{
    added = what;
    for (ntops = 0; *directories && ntops < CGROUPS_MAX; ntops++) {
        size_t n = strcspn(directories, "\n");
        snprintf(tops[ntops], sizeof tops[ntops], "%.*s", (int)n, directories);
        directories += n + (directories[n] == '\n');
    }
}

static int open_in(const char *directory, const char *name, int flags)
{
    char path[320];
    snprintf(path, sizeof path, "%s/one/%s", directory, name);
    return open(path, flags | O_CLOEXEC);
}

static void write_to(int fd, const char *text)
{
    if (fd >= 0) {
        check(write(fd, text, strlen(text)), text);
        close(fd);
    }
}

/* Limits first, in those hierarchies that have them. */
static void make_cgroups(int tasks[CGROUPS_MAX])
{
    static const char *const limits[][2] = {
        {"memory.limit_in_bytes", "268435456"}, {"pids.max", "64"}, {"cpu.cfs_quota_us", "50000"}};
    for (int i = 0; i < ntops; i++) {
        char path[320];
        snprintf(path, sizeof path, "%s/one", tops[i]);
        check(mkdir(path, 0755), path);
        for (size_t k = 0; k < sizeof limits / sizeof *limits; k++)
            write_to(open_in(tops[i], limits[k][0], O_WRONLY), limits[k][1]);
        tasks[i] = open_in(tops[i], "tasks", O_WRONLY);
        check(tasks[i], "tasks");
    }
}

static void read_and_remove_cgroups(int tasks[CGROUPS_MAX])
{
    static const char *const figures[] = {"memory.max_usage_in_bytes", "memory.oom_control",
                                          "pids.current", "cpuacct.usage", "cpu.stat"};
    for (int i = 0; i < ntops; i++) {
        char path[320], text[512];
        close(tasks[i]);
        for (size_t k = 0; k < sizeof figures / sizeof *figures; k++) {
            int fd = open_in(tops[i], figures[k], O_RDONLY);
            if (fd >= 0) {
                check(read(fd, text, sizeof text), figures[k]);
                close(fd);
            }
        }
        snprintf(path, sizeof path, "%s/one", tops[i]);
        while (rmdir(path) < 0 && errno == EBUSY)
            usleep(100);
    }
}

static void write_map(pid_t pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    write_to(open(path, O_WRONLY | O_CLOEXEC), "0 0 4294967295");
}

static void join(const int tasks[CGROUPS_MAX], const int go[2])
{
    char byte;
    if (added & ADD_CGROUP)
        for (int i = 0; i < ntops; i++)
            check(write(tasks[i], "0", 1), "joining a cgroup");
    if (added & ADD_USER) {
        close(go[1]); /* an interpreter that ends is seen */
        check(read(go[0], &byte, 1) == 1 ? 0 : -1, "waiting for the id map");
    }
    if (added & ADD_PROC)
        check(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                    "subset=pid,hidepid=invisible"),
              "proc");
}

static void enter(void)
{
    check(mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=64m,mode=1777"), "tmpfs");
    check(syscall(SYS_setgroups, 0, NULL), "setgroups");
    check(syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY), "setresgid");
    check(syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY), "setresuid");
    /* After the ids, which clear it; nothing is left behind when the interpreter is killed. */
    check(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "PDEATHSIG");
    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
    check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
}

/* One clone, waited for; its status as of waitpid, or -errno. The code flushes what it prints. */
static int run_one(const char *code)
{
    struct clone_args args = {
        .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_CHILD_SETTID |
                 CLONE_CHILD_CLEARTID,
        .child_tid = tid_address,
        .exit_signal = SIGCHLD,
    };
    int status, tasks[CGROUPS_MAX], go[2] = {-1, -1};
    args.flags |= added & ADD_USER ? CLONE_NEWUSER : 0;
    args.flags |= added & ADD_NET ? CLONE_NEWNET : 0;
    if (added & ADD_CGROUP)
        make_cgroups(tasks);
    if (added & ADD_USER)
        check(pipe2(go, O_CLOEXEC), "pipe");
    PyOS_BeforeFork();
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0) {
        PyOS_AfterFork_Child();
        join(tasks, go);
        enter();
        _exit(PyRun_SimpleStringFlags(code, NULL) == 0 ? 0 : 121);
    }
    int problem = errno;
    PyOS_AfterFork_Parent();
    if (pid < 0)
        return -problem;
    if (added & ADD_USER) {
        write_map(pid, "gid_map");
        write_map(pid, "uid_map");
        check(write(go[1], "g", 1), "go");
        close(go[0]);
        close(go[1]);
    }
    if (waitpid(pid, &status, 0) != pid)
        return -errno;
    if (added & ADD_CGROUP)
        read_and_remove_cgroups(tasks);
    return status;
}

static double now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/*
 * Clones one after the other, for so many seconds or so often, and stores the ms of each. What they
 * print to stdout must come out of `reading` as expected. How many, or -1.
 */
long floor_run(const char *code, int reading, const char *expected, double seconds, long most,
               double *ms)
{
    char text[256];
    double start = now_ms();
    long n = 0;
    while (n < most && (n == 0 || now_ms() - start < seconds * 1e3)) {
        double before = now_ms();
        int status = run_one(code);
        ssize_t got = read(reading, text, sizeof text);
        ms[n++] = now_ms() - before;
        if (status != 0 || got != (ssize_t)strlen(expected) ||
            memcmp(text, expected, (size_t)got)) {
            dprintf(2, "floor: status %d, %zd bytes printed\n", status, got);
            return -1;
        }
    }
    return n;
}
