/* A template's life: boxes come, clones go. */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/sandbox/box.h"
#include "core/sandbox/template_library.h"

/* Of the process A in the box, for a moment: out of the way of the ids that the program and its
 * threads get. */
#define PASSING_PID 300
/* As glibc registers it: sizeof(struct rseq) of its first version, RSEQ_SIG of x86. */
#define RSEQ_BYTES 32
#define RSEQ_MARK  0x53053053
/* Not in every C library. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned __rseq_size __attribute__((weak));

struct join {
    const struct sg_template_plan *plan;
    int fds[SG_FDS_MAX];
    size_t nfds;
    int *tid;     /* glibc's record of the thread's id */
    void *robust; /* and its list of robust futexes */
    size_t robust_bytes;
    bool hurry; /* the clone is wanted now */
    int errnum; /* what failed in the helpers, which share our memory */
    const char *what;
};

/* A clone of a system call, not of the C library's wrapper: the child of a clone that shares memory
   must not return through a frame that its parent will return through. */
static inline __attribute__((always_inline)) long raw_clone(struct clone_args *args)
{
    long r;
#ifdef __x86_64__
    __asm__ volatile("syscall"
                     : "=a"(r)
                     : "0"((long)SYS_clone3), "D"(args), "S"(sizeof *args)
                     : "rcx", "r11", "memory");
#else
#error "templates need a clone3 for this architecture"
#endif
    return r;
}

static void __attribute__((noreturn)) end_quietly(void)
{
    for (;;)
        syscall(SYS_exit_group, 0);
}

static void note(struct join *j, int errnum, const char *what)
{
    j->errnum = errnum;
    j->what = what;
}

static void wait_for(long pid)
{
    while (syscall(SYS_wait4, pid, NULL, __WALL, NULL) < 0 && errno == EINTR)
        ;
}

/* In A: makes B. Returns in B only. */
static void __attribute__((noinline)) pass_on(struct join *j)
{
    const pid_t pid = SG_BOX_PROGRAM_PID;
    /* As fork(3) does: the C library's record of this thread's id is set in the child, and cleared
     * at its end. */
    struct clone_args args = {.flags = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID,
                              .child_tid = (uintptr_t)j->tid,
                              .exit_signal = SIGCHLD,
                              .set_tid = (uintptr_t)&pid,
                              .set_tid_size = 1};
    if (j->plan->cgroup_v2) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)j->fds[SG_JOIN_TASKS];
    }
    long r = raw_clone(&args);
    if (r == 0)
        return;
    if (r < 0)
        note(j, (int)-r, "clone3 into the box");
    end_quietly();
}

/* In the helper: enters the box and makes A. Returns in B only. */
static void __attribute__((noinline)) enter_and_pass(struct join *j)
{
    static const int kinds[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWIPC,
                                CLONE_NEWUTS,  CLONE_NEWNET, CLONE_NEWPID};
    const pid_t pid = PASSING_PID;
    struct clone_args args = {
        .flags = CLONE_VM | CLONE_VFORK, .set_tid = (uintptr_t)&pid, .set_tid_size = 1};
    for (size_t i = 0; i < SG_ARRAY_LEN(kinds); i++)
        if (setns(j->fds[SG_JOIN_USER + i], kinds[i]) < 0) {
            note(j, errno, "joining a namespace of the box");
            end_quietly();
        }
    long r = raw_clone(&args);
    if (r == 0) {
        pass_on(j);
        return;
    }
    if (r < 0)
        note(j, (int)-r, "clone3 in the box");
    else
        wait_for(r);
    end_quietly();
}

/* True in the clone. */
static bool __attribute__((noinline)) clone_into(struct join *j)
{
    struct clone_args args = {.flags = CLONE_VM | CLONE_VFORK};
    long r = raw_clone(&args);
    if (r == 0) {
        enter_and_pass(j);
        return true;
    }
    if (r < 0)
        note(j, (int)-r, "clone3 of the helper");
    else
        wait_for(r);
    return false;
}

/* ---- in the clone ---- */

/* Our parent is A until it ends, which it does at once; then pid 1. */
static void wait_for_parent(void)
{
    while (syscall(SYS_getppid) != 1)
        sched_yield();
}

static void join_cgroup(const struct join *j)
{
    if (j->plan->cgroup_v2)
        return;
    for (uint32_t i = 0; i < j->plan->cgroup_fds; i++)
        if (write(j->fds[SG_JOIN_TASKS + i], "0", 1) != 1)
            sg_box_fail(SG_STEP_CGROUP_JOIN, errno, "writing to tasks of hierarchy %u", i);
}

/* After the cgroup: CLONE_INTO_CGROUP is refused from below another namespace's root (nsdelegate).
 */
static void join_cgroup_namespace(const struct join *j)
{
    if (setns(j->fds[SG_JOIN_CGROUP], CLONE_NEWCGROUP) < 0)
        sg_box_fail(SG_STEP_CGROUP_NS, errno, "joining the box's cgroup namespace");
}

/* What fork(3) and the start of a thread tell the kernel about it, and what a clone of shared
   memory has taken away: restartable sequences (rseq(2), glibc 2.35) and robust futexes
   (set_robust_list(2)). */
static void register_thread(const struct join *j)
{
    if (j->robust)
        syscall(SYS_set_robust_list, j->robust, j->robust_bytes);
    if (&__rseq_offset && &__rseq_size && __rseq_size)
        syscall(SYS_rseq, (char *)__builtin_thread_pointer() + __rseq_offset, RSEQ_BYTES, 0,
                RSEQ_MARK);
}

/* The channel becomes what sg_box_fail writes to. */
static void take_channel(const struct join *j)
{
    if (dup3(j->fds[SG_JOIN_CHANNEL], SG_BOX_FD_CONTROL, O_CLOEXEC) < 0)
        end_quietly();
}

/* *ret_killable: only death wakes exit_group once the executor has received it (Linux 5.19). */
static int load_strict(const struct sg_program_plan *p, bool *ret_killable)
{
    struct sock_fprog prog = {(unsigned short)p->nfilter,
                              (struct sock_filter *)(uintptr_t)p->filter};
    int fd = sg_box_load_listener(&prog, ret_killable);
    if (fd < 0)
        sg_box_fail(SG_STEP_SECCOMP, errno, "loading the profile of %u instructions", p->nfilter);
    return fd;
}

static void tell_waiting(int abi, int listener, bool killable)
{
    struct sg_box_event e = {.kind = SG_BOX_WAITING, .at_us = sg_now_us(), .alone = killable};
    e.isolation.landlock_abi = abi;
    if (sg_socket_send(SG_BOX_FD_CONTROL, &e, sizeof e, &listener, 1) < 0)
        end_quietly();
    close(listener);
}

/* input: where stdin is filled, which the program has open already. */
static void obey_go(const struct sg_program_plan *p, int input)
{
    struct sg_box_order order;
    struct sg_box_command command;
    int fds[SG_FDS_MAX];
    size_t nfds = 0;
    sg_box_look(SG_BOX_FD_CONTROL, &order, fds, &nfds);
    if (order.kind != SG_BOX_ORDER_GO)
        sg_box_fail(SG_STEP_ORDER, 0, "a clone that waits takes no such order");
    sg_box_files(p, fds[SG_GO_FD_PAYLOAD], false, &command);
    sg_box_command_done(&command);
    sg_box_input_fill(input, fds[SG_GO_FD_STDIN]);
    if (order.merge_stderr && dup2(1, 2) < 0)
        sg_box_fail(SG_STEP_STDIO, errno, "streams of the program");
    sg_box_take(SG_BOX_FD_CONTROL);
    if (syscall(SYS_close_range, 3, ~0u, 0) < 0)
        sg_box_fail(SG_STEP_CLOSE_FDS, errno, "close_range");
}

static char name[16]; /* of the interpreter */

static void become_program(struct join *j, const struct sg_program_plan *p,
                           const struct sg_template_adapter *a)
{
    const int streams[3] = {-1, j->fds[SG_JOIN_STDOUT], j->fds[SG_JOIN_STDERR]};
    take_channel(j);
    wait_for_parent();
    join_cgroup(j);
    join_cgroup_namespace(j);
    register_thread(j);
    int abi = sg_box_confine(p, streams);
    if (syscall(SYS_close_range, SG_BOX_FD_CONTROL + 1, ~0u, 0) < 0)
        sg_box_fail(SG_STEP_CLOSE_FDS, errno, "close_range");
    int input, reader = sg_box_input_make(p, false, &input);
    if (dup2(reader, 0) < 0)
        sg_box_fail(SG_STEP_STDIO, errno, "dup2 to 0");
    close(reader);
    bool killable;
    int listener = load_strict(p, &killable);
    if (a->after_clone)
        a->after_clone(true);
    if (a->warm_up && !j->hurry)
        a->warm_up();
    memset(j, 0, sizeof *j);
    prctl(PR_SET_NAME, SG_NAME_WAITING);
    tell_waiting(abi, listener, killable);
    obey_go(p, input);
    prctl(PR_SET_NAME, name);
}

/* ---- in the template ---- */

static void tell_failure(const struct join *j)
{
    struct sg_box_event e = {.kind = SG_BOX_FAILED, .step = SG_STEP_JOIN, .errnum = j->errnum};
    strncpy(e.text, j->what, sizeof e.text - 1);
    sg_socket_send(j->fds[SG_JOIN_CHANNEL], &e, sizeof e, NULL, 0);
}

/* One packet per directory: no packet is larger than an event. */
void sg_template_watch(const char *directories)
{
    while (*directories) {
        size_t n = strcspn(directories, "\n");
        struct sg_box_event e = {.kind = SG_BOX_WATCH};
        if (n < sizeof e.text) {
            memcpy(e.text, directories, n);
            sg_box_tell(&e);
        }
        directories += n + (directories[n] == '\n');
    }
}

static void take_request(struct join *j)
{
    struct sg_box_order order;
    sg_box_receive(SG_TEMPLATE_FD_CONTROL, &order, j->fds, &j->nfds);
    if (order.kind != SG_BOX_ORDER_JOIN || j->nfds != SG_JOIN_TASKS + j->plan->cgroup_fds)
        sg_box_fail(SG_STEP_ORDER, 0, "a template takes no such order");
    j->hurry = order.hurry;
}

void sg_template_serve(const struct sg_template_plan *plan, const struct sg_program_plan *program,
                       const struct sg_template_adapter *a)
{
    static struct join j;
    static int *tid;
    static void *robust;
    static size_t robust_bytes;
    if (a->prepare)
        a->prepare(plan);
    /* Where the C library keeps the id, which it told the kernel to clear at the end:
     * PR_GET_TID_ADDRESS. */
    if (prctl(PR_GET_TID_ADDRESS, &tid, 0, 0, 0) < 0 || !tid || *tid != (int)syscall(SYS_gettid))
        sg_box_fail(SG_STEP_JOIN, errno, "PR_GET_TID_ADDRESS: needs CONFIG_CHECKPOINT_RESTORE");
    if (syscall(SYS_get_robust_list, 0, &robust, &robust_bytes) < 0)
        robust = NULL;
    prctl(PR_GET_NAME, name);
    prctl(PR_SET_NAME, SG_NAME_TEMPLATE);
    sg_box_tell(&(struct sg_box_event){.kind = SG_BOX_READY, .at_us = sg_now_us()});
    for (;;) {
        j = (struct join){.plan = plan, .tid = tid, .robust = robust, .robust_bytes = robust_bytes};
        take_request(&j);
        if (a->before_clone)
            a->before_clone();
        if (clone_into(&j)) {
            become_program(&j, program, a);
            return;
        }
        if (a->after_clone)
            a->after_clone(false);
        if (j.errnum)
            tell_failure(&j);
        for (size_t i = 0; i < j.nfds; i++)
            close(j.fds[i]);
    }
}
