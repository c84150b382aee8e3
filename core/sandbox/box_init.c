/* Pid 1 of a box: makes the place, starts the program, reaps, reports, ends. */
#include "core/sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/sandbox/product.h"

void sg_box_die_with_executor(const struct sg_plan *p)
{
    sg_box_step(&p->lab, SG_STEP_PARENT_DEATH);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        sg_box_fail(SG_STEP_PARENT_DEATH, errno, "PR_SET_PDEATHSIG");
    /* The executor may have ended before that: then the other end of the socket is gone. */
    struct pollfd c = {.fd = SG_BOX_FD_CONTROL, .events = POLLRDHUP};
    if (poll(&c, 1, 0) > 0 && (c.revents & (POLLHUP | POLLRDHUP)))
        _exit(1);
}

void sg_box_take_ids(const struct sg_plan *p)
{
    sg_box_step(&p->lab, SG_STEP_INIT_IDS);
    if (setresgid(p->init_gid, p->init_gid, p->init_gid) < 0 ||
        setresuid(p->init_uid, p->init_uid, p->init_uid) < 0)
        sg_box_fail(SG_STEP_INIT_IDS, errno, "changing to uid %u", p->init_uid);
}

static void leave_cgroup_names(const struct sg_plan *p)
{
    sg_box_step(&p->lab, SG_STEP_CGROUP_NS);
    /* Not a flag of clone3: together with CLONE_INTO_CGROUP the namespace would be rooted in the
       cgroup of the keeper. */
    if (!SG_LAYER_OFF(&p->lab, CGROUP_NS) && unshare(CLONE_NEWCGROUP) < 0)
        sg_box_fail(SG_STEP_CGROUP_NS, errno, "unshare");
}

static pid_t fork_program(const struct sg_plan *p)
{
    sg_box_step(&p->lab, SG_STEP_FORK);
    pid_t pid = fork();
    if (pid < 0)
        sg_box_fail(SG_STEP_FORK, errno, "fork of the program");
    return pid;
}

static void drop_privilege(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capset, &head, none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        sg_box_fail(SG_STEP_CAPABILITIES, errno, "dropping pid 1's own");
}

#define ZOMBIES_MAX 1000

/* Where a compiler's product is to be found, and where it goes. */
struct making {
    bool on;
    int dir, to;
    uint64_t most;
};

static void report_end(const struct sg_plan *p, const struct making *m, int status,
                       const struct rusage *use)
{
    struct sg_box_event e = {.kind = SG_BOX_EXITED, .status = status, .at_us = sg_now_us()};
    e.cpu_user_us = (uint64_t)use->ru_utime.tv_sec * 1000000 + (uint64_t)use->ru_utime.tv_usec;
    e.cpu_system_us = (uint64_t)use->ru_stime.tv_sec * 1000000 + (uint64_t)use->ru_stime.tv_usec;
    if (SG_LAB_OFF(&p->lab, KILL_ALL))
        while (wait(NULL) > 0 || errno == EINTR)
            ;
    /* Orphans become children of pid 1 when their parent ends, so without children there is nobody.
       In the lab build without a pid namespace they go elsewhere. */
    /* What has ended already is nobody; not for ever, should somebody go on making them. */
    for (int i = 0; m->on && i < ZOMBIES_MAX && waitpid(-1, NULL, WNOHANG) > 0;)
        i++;
    e.alone = !SG_LAYER_OFF(&p->lab, PID_NS) && waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
    if (m->on && status == 0)
        e.product = e.alone ? sg_product_copy(m->dir, SG_PLAN_PRODUCT_NAME, m->most, m->to)
                            : SG_PRODUCT_HELD;
    sg_box_tell(&e);
}

/* What pid 1 does for its program when that has been started. */
struct duties {
    pid_t program;
    bool is_clone;
    int children;
    struct making making;
    struct sg_box_trace trace;
};

static void reap_once(const struct sg_plan *p, const struct duties *d)
{
    struct rusage use;
    int status;
    pid_t pid;
    while ((pid = wait4(-1, &status, WNOHANG, &use)) > 0)
        if (pid == d->program) {
            report_end(p, &d->making, status, &use);
            _exit(0);
        }
    if (pid < 0 && errno == ECHILD && !d->is_clone)
        _exit(1);
}

/* Reaps everything, in whatever order, until the program itself has ended; ends when the executor
 * goes. A clone may be a child of ours only later. Of a traced program one call is answered at a
 * time, so that none of the other duties waits behind a flood of them. */
static void watch_over(const struct sg_plan *p, struct duties *d)
{
    struct pollfd on[3] = {{.fd = d->children, .events = POLLIN},
                           {.fd = SG_BOX_FD_CONTROL, .events = POLLRDHUP},
                           {.fd = d->trace.listener, .events = POLLIN}};
    for (;;) {
        struct signalfd_siginfo info;
        reap_once(p, d);
        if (poll(on, 3, -1) < 0) {
            if (errno != EINTR)
                _exit(1);
            continue;
        }
        if (on[1].revents & (POLLHUP | POLLRDHUP | POLLERR))
            _exit(1);
        if (on[0].revents && read(d->children, &info, sizeof info) < 0 && errno != EINTR)
            _exit(1);
        if (on[2].revents & POLLIN)
            sg_box_trace_answer(&d->trace);
        else if (on[2].revents) /* nobody is left who has the filter */
            on[2].fd = -1;
    }
}

static int watch_children(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

/* ---- starting the program ---- */

/* What belongs to one program; descriptors are closed when it has them. */
struct program {
    const struct sg_program_plan *plan;
    int streams[3];
    struct sg_box_command command;
    int channel; /* to the program's process */
    pid_t pid;
    int counters; /* of a traced program */
    struct sg_box_trace trace;
};

static void enter(const char *path)
{
    if (chdir(path) < 0)
        sg_box_fail(SG_STEP_FILES, errno, "entering %s", path);
}

/* Pid 1 keeps the control socket, its children's signal, and of a traced program the listener. */
static void start_program(const struct sg_plan *p, struct program *r, int host_proc)
{
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) < 0)
        sg_box_fail(SG_STEP_FORK, errno, "socketpair");
    r->pid = fork_program(p);
    if (r->pid == 0) {
        close(channel[0]);
        sg_box_program(r->plan, r->streams, &r->command, channel[1], host_proc);
    }
    close(channel[1]);
    close(host_proc);
    if (r->plan->product == SG_PLAN_IS_PRODUCT)
        close(r->command.product);
    for (int i = 0; i < 3; i++)
        close(r->streams[i]);
    if (r->plan->traced)
        sg_box_trace_open(&r->trace, r->plan, r->counters);
    r->trace.listener = sg_box_start(p, r->plan, r->pid, channel[0]);
    close(channel[0]);
}

static bool has_input_file(const struct sg_program_plan *p)
{
    return !SG_LAB_OFF(&p->lab, STDIN_FILE);
}

static void run_now(const struct sg_plan *p, struct program *r, int payload, int host_proc)
{
    if (has_input_file(r->plan)) {
        int writer, reader = sg_box_input_make(r->plan, true, &writer);
        sg_box_input_fill(writer, r->streams[0]);
        close(writer);
        close(r->streams[0]);
        r->streams[0] = reader;
    }
    enter(SG_BOX_WORKDIR);
    sg_box_files(r->plan, payload, true, &r->command);
    close(payload);
    enter("/");
    start_program(p, r, host_proc);
}

static void run_ahead(const struct sg_plan *p, struct program *r, int host_proc, int children)
{
    int input;
    close(r->streams[0]);
    r->streams[0] = sg_box_input_make(r->plan, true, &input);
    enter(SG_BOX_WORKDIR);
    sg_box_ahead_begin(r->plan);
    sg_box_command_ahead(r->plan, &r->command);
    enter("/");
    start_program(p, r, host_proc);
    enter(SG_BOX_WORKDIR);
    sg_box_ahead_go(r->plan, r->pid, input, children);
    enter("/");
    close(input);
}

/* With an order about a product: it is executed, or a place for it is kept. */
static void take_product(struct program *r, int fd, struct making *ret)
{
    r->command.product = fd;
    if (r->plan->product != SG_PLAN_MAKES_PRODUCT)
        return;
    *ret = (struct making){.on = true, .to = fd, .most = r->plan->product_most};
    ret->dir = open(SG_PLAN_PRODUCT_DIR, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (ret->dir < 0)
        sg_box_fail(SG_STEP_FILES, errno, "opening " SG_PLAN_PRODUCT_DIR);
}

/* With an order about a traced program one descriptor more comes, as the last. */
static void take_counters(struct program *r, const struct sg_box_order *order, const int *fds,
                          size_t nfds)
{
    size_t usual = order->kind == SG_BOX_ORDER_PRODUCT ? SG_PRODUCT_FDS : SG_RUN_FDS;
    if (!r->plan->traced)
        return;
    if (nfds != usual + 1 || order->kind == SG_BOX_ORDER_AHEAD)
        sg_box_fail(SG_STEP_ORDER, 0, "a program to be traced, and no counters for it");
    r->counters = fds[usual];
}

/* Obeys the executor's first order. */
static void obey(const struct sg_plan *p, int host_proc, struct duties *ret)
{
    struct sg_box_order order;
    int fds[SG_FDS_MAX];
    size_t nfds = 0;
    prctl(PR_SET_NAME, SG_NAME_READY);
    sg_box_receive(SG_BOX_FD_CONTROL, &order, fds, &nfds);
    prctl(PR_SET_NAME, SG_NAME_BOX);
    sg_box_step(&p->lab, SG_STEP_ORDER);
    ret->is_clone = order.kind == SG_BOX_ORDER_WATCH;
    if (ret->is_clone) {
        close(host_proc);
        ret->program = SG_BOX_PROGRAM_PID;
        return;
    }
    if (order.kind == SG_BOX_ORDER_GO)
        sg_box_fail(SG_STEP_ORDER, 0, "an order to go, and nothing was started");
    struct program r = {.plan = sg_box_map_program(fds[SG_RUN_FD_PLAN]), .counters = -1};
    close(fds[SG_RUN_FD_PLAN]);
    take_counters(&r, &order, fds, nfds);
    memcpy(r.streams, fds + SG_RUN_FD_STDIN, sizeof r.streams);
    if (order.kind == SG_BOX_ORDER_PRODUCT)
        take_product(&r, fds[SG_PRODUCT_FD_PRODUCT], &ret->making);
    if (order.kind == SG_BOX_ORDER_RUN || order.kind == SG_BOX_ORDER_PRODUCT)
        run_now(p, &r, fds[SG_RUN_FD_PAYLOAD], host_proc);
    else
        run_ahead(p, &r, host_proc, ret->children);
    if (r.counters >= 0)
        close(r.counters);
    ret->program = r.pid;
    ret->trace = r.trace;
}

/* The files that the program leaves are taken through this descriptor, which was opened before
   there was a program: no path of the box is looked up from outside. */
static void tell_ready(const struct sg_plan *p)
{
    const struct sg_box_event e = {.kind = SG_BOX_READY, .at_us = sg_now_us()};
    sg_box_step(&p->lab, SG_STEP_KEEP_WORKDIR);
    int fd = open(SG_BOX_WORKDIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        sg_box_fail(SG_STEP_KEEP_WORKDIR, errno, "opening " SG_BOX_WORKDIR);
    if (sg_socket_send(SG_BOX_FD_CONTROL, &e, sizeof e, &fd, 1) < 0)
        _exit(1);
    close(fd);
}

/* The host's /proc comes from the cell: it is not in this root any more. */
void sg_box_init(const struct sg_plan *p, const int *fds, size_t nfds)
{
    sg_box_join_cgroup(p, fds + SG_CELL_FD_CGROUP);
    for (size_t i = SG_CELL_FD_CGROUP; i < nfds; i++)
        close(fds[i]);
    sg_box_take_ids(p);
    sg_box_die_with_executor(p);
    leave_cgroup_names(p);
    sg_box_mounts(p);
    struct duties duties = {.children = watch_children(), .trace = {.listener = -1}};
    tell_ready(p);
    obey(p, SG_CELL_HOST_PROC, &duties);
    drop_privilege();
    watch_over(p, &duties);
    _exit(1);
}
