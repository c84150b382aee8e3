/* The program's process, from fork to execve: it gives up everything, one step after the other. */
#include "core/sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/sandbox/rlimit.h"
#include "core/sandbox/trace.h"

static void take_stdio(const struct sg_program_plan *p, const int from[3])
{
    sg_box_step(&p->lab, SG_STEP_STDIO);
    for (int i = 0; i < 3; i++)
        if (from[i] >= 0 && dup2(from[i], i) < 0)
            sg_box_fail(SG_STEP_STDIO, errno, "dup2 to %d", i);
}

/* A working directory outside the root shows as "(unreachable)" in the raw system call (getcwd(2)).
 */
static void enter_workdir(const struct sg_program_plan *p)
{
    char at[256];
    sg_box_step(&p->lab, SG_STEP_WORKDIR);
    if (chdir(SG_BOX_WORKDIR) < 0)
        sg_box_fail(SG_STEP_WORKDIR, errno, "chdir " SG_BOX_WORKDIR);
    if (syscall(SYS_getcwd, at, sizeof at) < 0 || at[0] != '/')
        sg_box_fail(SG_STEP_WORKDIR, errno, SG_BOX_WORKDIR " is outside the root");
}

/* The bounding set needs CAP_SETPCAP, hence before the ids change, which empties the permitted set.
 */
static void drop_bounding_set(const struct sg_program_plan *p)
{
    sg_box_step(&p->lab, SG_STEP_BOUNDING_SET);
    if (SG_LAYER_OFF(&p->lab, CAPABILITIES))
        return;
    int cap = 0;
    /* What is not in it needs no CAP_SETPCAP to be dropped: a container has begun without any. */
    for (int in; (in = prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) == 0 ||
                 (in == 1 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0);)
        cap++;
    if (errno != EINVAL || cap == 0) /* EINVAL: the kernel knows no more */
        sg_box_fail(SG_STEP_BOUNDING_SET, errno, "dropping capability %d", cap);
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        sg_box_fail(SG_STEP_BOUNDING_SET, errno, "clearing the ambient set");
}

static void change_ids(const struct sg_program_plan *p)
{
    sg_box_step(&p->lab, SG_STEP_PROGRAM_IDS);
    if (SG_LAYER_OFF(&p->lab, CAPABILITIES))
        prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    if (setresgid(p->gid, p->gid, p->gid) < 0 || setresuid(p->uid, p->uid, p->uid) < 0)
        sg_box_fail(SG_STEP_PROGRAM_IDS, errno, "changing to uid %u", p->uid);
    /* setresuid cleared it: /proc/self would belong to root. Pid 1 stays as it is. */
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    /* The change of ids has cleared the death signal, too (prctl(2)). Pid 1's end kills this
       process in any case, save for one: the signal covers a pid 1 that ends while this process is
       in set-up. */
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static void set_rlimits(const struct sg_program_plan *p)
{
    sg_box_step(&p->lab, SG_STEP_RLIMITS);
    if (SG_LAYER_OFF(&p->lab, RLIMITS))
        return;
    for (uint32_t i = 0; i < p->nrlimits; i++) {
        int r = sg_rlimit_lower(0, &p->rlimits[i]);
        if (r < 0)
            sg_box_fail(SG_STEP_RLIMITS, -r, "resource %d", p->rlimits[i].resource);
    }
}

static void drop_capabilities(const struct sg_program_plan *p)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    sg_box_step(&p->lab, SG_STEP_CAPABILITIES);
    if (SG_LAYER_OFF(&p->lab, CAPABILITIES)) {
        /* Kept over the exec: the control box shows what they would allow. */
        syscall(SYS_capget, &head, none);
        for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
            none[i].effective = none[i].inheritable = none[i].permitted;
        syscall(SYS_capset, &head, none);
        for (int cap = 0; cap < 64; cap++)
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
        return;
    }
    if (syscall(SYS_capset, &head, none) < 0)
        sg_box_fail(SG_STEP_CAPABILITIES, errno, "capset");
}

static void set_no_new_privs(const struct sg_program_plan *p)
{
    sg_box_step(&p->lab, SG_STEP_NO_NEW_PRIVS);
    if (!SG_LAYER_OFF(&p->lab, NO_NEW_PRIVS) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        sg_box_fail(SG_STEP_NO_NEW_PRIVS, errno, "prctl");
}

/* What our execve has in its fourth and fifth argument, which the call does not have, where others
   may follow: only ours stops then. Who makes one with the same words gets ENOSYS. */
#define OURS_1 0x5347656e74657231u
#define OURS_2 0x5347656e74657232u

/* The listener's filters. Foreign architectures are the profile's to kill; it is loaded before
   anything foreign runs. */
static struct sock_filter stop_every_exec[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 1, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execveat, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
#define WORD(arg, half) (offsetof(struct seccomp_data, args[arg]) + 4 * (half))
static struct sock_filter stop_our_exec[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 9),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WORD(3, 0)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)OURS_1, 0, 7),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WORD(3, 1)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(OURS_1 >> 32), 0, 5),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WORD(4, 0)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)OURS_2, 0, 3),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WORD(4, 1)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(OURS_2 >> 32), 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static struct sock_fprog stop_exec(const struct sg_program_plan *p)
{
    if (p->may_execute)
        return (struct sock_fprog){SG_ARRAY_LEN(stop_our_exec), stop_our_exec};
    return (struct sock_fprog){SG_ARRAY_LEN(stop_every_exec), stop_every_exec};
}

int sg_box_load_listener(const struct sock_fprog *prog, bool *ret_killable)
{
    const unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
    int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                          flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, prog);
    if (ret_killable)
        *ret_killable = fd >= 0;
    if (fd < 0 && errno == EINVAL)
        fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, prog);
    return fd;
}

static int listen_for_exec(const struct sg_program_plan *p)
{
    const struct sock_fprog prog = stop_exec(p);
    sg_box_step(&p->lab, SG_STEP_EXEC_LISTENER);
    if (SG_LAYER_OFF(&p->lab, ONE_EXEC))
        return -1;
    int fd =
        (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
    if (fd < 0)
        sg_box_fail(SG_STEP_EXEC_LISTENER, errno, "loading the listener");
    return fd;
}

static void hand_over(const struct sg_program_plan *p, int channel, int host_proc, int listener,
                      int abi)
{
    struct sg_box_handover note = {.landlock_abi = abi};
    int fds[2] = {openat(host_proc, "self", O_PATH | O_DIRECTORY | O_CLOEXEC), listener};
    char go;
    if (fds[0] < 0)
        sg_box_fail(SG_STEP_HOST_PROC, errno, "opening /proc/self");
    int r = sg_socket_send(channel, &note, sizeof note, fds, listener < 0 ? 1 : 2);
    if (r < 0)
        sg_box_fail(SG_STEP_EXEC_LISTENER, -r, "handing over to pid 1");
    close(fds[0]);
    if (listener >= 0)
        close(listener);
    else if (!p->traced && read(channel, &go, 1) != 1)
        _exit(1); /* without a listener nothing else holds us until pid 1 has looked */
}

static void load_profile(const struct sg_program_plan *p)
{
    struct sock_fprog prog = {(unsigned short)p->nfilter,
                              (struct sock_filter *)(uintptr_t)p->filter};
    sg_box_step(&p->lab, SG_STEP_SECCOMP);
    if (!SG_LAYER_OFF(&p->lab, SECCOMP) && !SG_LAB_OFF(&p->lab, PROFILE) &&
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
        sg_box_fail(SG_STEP_SECCOMP, errno, "loading the profile of %u instructions", p->nfilter);
}

/* The profile with the listener in it. All that pid 1 gets after it is a number, by write(2): the
   one call of ours that every profile allows. */
static void load_traced(const struct sg_program_plan *p, int channel)
{
    static struct sock_filter filter[SG_TRACE_FILTER_MAX];
    const struct sock_fprog stop = stop_exec(p);
    sg_box_step(&p->lab, SG_STEP_EXEC_LISTENER);
    sg_box_step(&p->lab, SG_STEP_SECCOMP);
    int n =
        sg_trace_filter(filter, SG_TRACE_FILTER_MAX, p->filter, p->nfilter, stop.filter, stop.len);
    if (n < 0)
        sg_box_fail(SG_STEP_SECCOMP, -n, "a profile of %u instructions that can be traced",
                    p->nfilter);
    const struct sock_fprog prog = {(unsigned short)n, filter};
    const struct sg_box_listener note = {.fd = sg_box_load_listener(&prog, NULL)};
    if (note.fd < 0)
        sg_box_fail(SG_STEP_EXEC_LISTENER, errno, "loading the traced profile");
    if (write(channel, &note, sizeof note) != sizeof note)
        _exit(1); /* pid 1 has ended */
}

void sg_box_drop_capabilities(const struct sg_program_plan *p)
{
    drop_bounding_set(p);
    drop_capabilities(p);
    set_no_new_privs(p);
}

int sg_box_confine(const struct sg_program_plan *p, const int streams[3])
{
    sg_box_step(&p->lab, SG_STEP_SESSION);
    if (setsid() < 0)
        sg_box_fail(SG_STEP_SESSION, errno, "setsid");
    umask(022);
    take_stdio(p, streams);
    enter_workdir(p);
    drop_bounding_set(p);
    change_ids(p);
    set_rlimits(p);
    drop_capabilities(p);
    set_no_new_privs(p);
    sg_box_step(&p->lab, SG_STEP_LANDLOCK);
    return sg_box_landlock(p);
}

void sg_box_program(const struct sg_program_plan *p, const int streams[3],
                    const struct sg_box_command *c, int channel, int host_proc)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int abi = sg_box_confine(p, streams);
    hand_over(p, channel, host_proc, p->traced ? -1 : listen_for_exec(p), abi);
    if (SG_LAB_OFF(&p->lab, CLOSE_FDS))
        dup2(SG_BOX_FD_LAB_HOST, 9);
    else if (syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
        sg_box_fail(SG_STEP_CLOSE_FDS, errno, "close_range");
    if (p->traced)
        load_traced(p, channel);
    else
        load_profile(p);
    sg_box_step(&p->lab, SG_STEP_EXEC);
    if (p->product == SG_PLAN_IS_PRODUCT)
        syscall(SYS_execveat, c->product, "", c->argv, c->envp, AT_EMPTY_PATH);
    else
        syscall(SYS_execve, c->argv[0], c->argv, c->envp, OURS_1, OURS_2);
    sg_box_fail(SG_STEP_EXEC, errno, "%s", c->argv[0]);
}
