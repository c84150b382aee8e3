/* A template's clone in a box: joining, what is in force, GO, its end. See template.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/sandbox/attest.h"
#include "core/sandbox/native_box.h"
#include "core/sandbox/rlimit.h"
#include "core/sandbox/template.h"

#define NOTIF_BYTES_MAX 512

/* ---- joining ---- */

/* Everything that a template needs of a box, in the order of enum sg_join_fd; owned. */
struct joining {
    int fds[SG_FDS_MAX]; /* owned, but for the last `borrowed` */
    size_t n, borrowed;
};

static void joining_done(struct joining *j)
{
    for (size_t i = 0; i + j->borrowed < j->n; i++)
        sg_fd_close(&j->fds[i]);
}

/* Remembers which it is: the clone must be found in just this one. */
static int add_namespace(struct sg_native_box *b, struct joining *j, const char *name, int fd)
{
    struct stat st;
    if (fd < 0)
        return fd;
    j->fds[j->n++] = fd;
    if (fstat(fd, &st) < 0)
        return -errno;
    for (size_t k = 0; k < SG_PLAN_NS_COUNT; k++)
        if (strcmp(sg_plan_ns[k].name, name) == 0)
            b->ns[k] = st.st_ino;
    return 0;
}

static int of_cell(struct sg_native_box *b, enum sg_cell_ns which)
{
    int fd = sg_cell_ns(b->cell, which, b->init);
    if (fd >= 0 && (fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
        return -errno;
    return fd;
}

static int of_box(const struct sg_native_box *b, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", b->init, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int add_namespaces(struct sg_native_box *b, struct joining *j)
{
    static const struct {
        const char *name;
        int cell; /* enum sg_cell_ns, or negative: the box's own */
    } all[] = {{"user", SG_CELL_NS_USER}, {"mnt", -1}, {"ipc", -1},   {"uts", SG_CELL_NS_UTS},
               {"net", SG_CELL_NS_NET},   {"pid", -1}, {"cgroup", -1}};
    int r = 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(all) && r == 0; i++)
        r = add_namespace(b, j, all[i].name,
                          all[i].cell < 0 ? of_box(b, all[i].name) : of_cell(b, all[i].cell));
    return r;
}

/* The kernel tells with each message which process has sent it: SO_PASSCRED in unix(7). */
static int open_channel(struct sg_native_box *b, struct joining *j)
{
    int ends[2], on = 1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    b->clone = ends[0];
    j->fds[j->n++] = ends[1];
    return setsockopt(b->clone, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 ? -errno : 0;
}

static int add_streams(struct sg_native_box *b, struct joining *j, struct sg_error *err)
{
    int ends[2] = {-1, -1};
    int r = sg_native_box_streams(b, false, ends, err);
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            j->fds[j->n++] = ends[i];
    return r;
}

static int add_cgroup(struct sg_native_box *b, struct joining *j)
{
    int r = sg_cgroup_join_fds(b->native->setup->cgroups, &b->cgroup, j->fds + j->n);
    if (r < 0)
        return r;
    j->borrowed = (size_t)r;
    j->n += j->borrowed;
    return 0;
}

static void on_channel(void *arg, uint32_t events);

int sg_warm_join(struct sg_native_box *b, struct sg_error *err)
{
    const struct sg_box_order watch = {.kind = SG_BOX_ORDER_WATCH},
                              join = {.kind = SG_BOX_ORDER_JOIN,
                                      .hurry = sg_pool_is_busy(b->native)};
    struct sg_template *t = b->shelf->current;
    struct joining j = {.n = 0};
    b->state = SG_BOX_STATE_JOINING;
    sg_native_box_set_up_deadline(b);
    int r = add_namespaces(b, &j);
    if (r == 0)
        r = open_channel(b, &j);
    if (r == 0)
        r = add_streams(b, &j, err);
    if (r == 0)
        r = add_cgroup(b, &j);
    if (r == 0)
        r = sg_native_box_order(b, &watch, NULL, 0, err);
    if (r == 0)
        r = t ? sg_socket_send(t->sock, &join, sizeof join, j.fds, j.n) : -ENOENT;
    if (r == 0)
        r = sg_loop_watch(b->native->loop, &b->clone_watch, b->clone, EPOLLIN, on_channel, b);
    joining_done(&j);
    if (r < 0)
        return sg_error_errno(err, -r, "a template's clone for the box");
    t->clones++;
    b->shelf->clones++;
    return 0;
}

/* ---- a clone that waits ---- */

static bool lives(const struct sg_native_box *b)
{
    struct pollfd p = {.fd = b->program_pidfd, .events = POLLIN};
    return poll(&p, 1, 0) == 0;
}

static int attest_program(struct sg_native_box *b, int proc, struct sg_error *err)
{
    const struct sg_attest_view view = {
        .pid = b->program, .proc = proc, .outside = true, .exec_barred = true, .box_ns = b->ns};
    /* Made anew: to keep one for each cell would cost more memory than this costs time. */
    sg_autofree struct sg_plan *plan = malloc(sizeof *plan);
    if (!plan)
        return sg_error_errno(err, ENOMEM, "the plan of a box");
    int r = sg_native_plan(b->native, b->cell->ids, &b->lab, plan, err);
    return r < 0 ? r : sg_attest_process(plan, b->shelf->plan, &view, &b->started.isolation, err);
}

/* The pid is pid 1's to reap, so what is read by its number counts only while the process lives. */
static int attest(struct sg_native_box *b, struct sg_error *err)
{
    char path[32];
    const struct sg_cgroups *c = b->native->setup->cgroups;
    snprintf(path, sizeof path, "/proc/%d", b->program);
    b->program_pidfd = (int)syscall(SYS_pidfd_open, b->program, 0);
    sg_autofd int proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (b->program_pidfd < 0 || proc < 0)
        return sg_error_errno(err, errno, "opening %s", path);
    int r = attest_program(b, proc, err);
    if (r == 0 && c->layers && !sg_cgroup_holds(c, &b->cgroup, b->program))
        r = sg_error_set(err, SG_E_LAYER, "a clone is not in the box's cgroup");
    if (r == 0 && !lives(b))
        r = sg_error_set(err, SG_E_LAYER, "a clone ended while it was looked at");
    return r;
}

static uint64_t known(uint64_t figure)
{
    return figure == SG_UNKNOWN ? 0 : figure;
}

void sg_warm_baseline(struct sg_native_box *b)
{
    struct sg_cgroups *c = b->native->setup->cgroups;
    b->base = (struct sg_baseline){
        .memory_hits = known(sg_cgroup_stat(c, &b->cgroup, SG_STAT_MEMORY_HITS)),
        .cpu_us = known(sg_cgroup_stat(c, &b->cgroup, SG_STAT_CPU_US)),
        .cpu_user_us = known(sg_cgroup_stat(c, &b->cgroup, SG_STAT_CPU_USER_US)),
        .cpu_system_us = known(sg_cgroup_stat(c, &b->cgroup, SG_STAT_CPU_SYSTEM_US)),
        .throttled = known(sg_cgroup_stat(c, &b->cgroup, SG_STAT_THROTTLED)),
        .pids_hits = known(sg_cgroup_stat(c, &b->cgroup, SG_STAT_PIDS_HITS))};
    sg_cgroup_open_stats(c, &b->cgroup);
    b->held_bytes = known(sg_cgroup_stat(c, &b->cgroup, SG_STAT_MEMORY_NOW));
}

static void on_exit_group(void *arg, uint32_t events);

static int on_waiting(struct sg_native_box *b, const struct sg_box_event *e, int listener,
                      struct sg_error *err)
{
    b->exit = listener;
    b->exit_stands_still = e->alone;
    b->started = (struct sg_box_event){.kind = SG_BOX_STARTED};
    b->started.isolation.landlock_abi = e->isolation.landlock_abi;
    int r = attest(b, err);
    if (r == 0)
        r = sg_loop_watch(b->native->loop, &b->exit_watch, b->exit, EPOLLIN, on_exit_group, b);
    if (r < 0)
        return sg_error_errno(err, -r, "watching a clone");
    b->shelf->failures = 0;
    sg_warm_baseline(b);
    b->state = SG_BOX_STATE_WAITING;
    b->start = SG_START_WARM;
    if (b->run)
        return sg_warm_go(b, err);
    sg_loop_timer_stop(b->native->loop, &b->deadline);
    sg_native_refill_soon(b->native, 0);
    return 0;
}

/* Before GO the run can be another box's; after it what went wrong is its answer. A box that we
   have ended ourselves is told as that. */
static void give_up(struct sg_native_box *b, const struct sg_error *err)
{
    if (b->killed)
        return;
    sg_log_error(SG_LOG_WARNING, err);
    if (b->run && b->state != SG_BOX_STATE_STARTED)
        sg_native_start_again(b);
    else
        sg_native_box_fail(b, err);
}

static pid_t sender(struct msghdr *msg)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
            struct ucred creds;
            memcpy(&creds, CMSG_DATA(c), sizeof creds);
            return creds.pid;
        }
    return 0;
}

/* Where there is room for one, aligned, the kernel may put two. */
static int descriptor(struct msghdr *msg)
{
    int fds[SG_FDS_MAX];
    size_t n = sg_socket_fds(msg, fds);
    for (size_t i = 1; i < n; i++)
        sg_fd_close(&fds[i]);
    return n > 0 ? fds[0] : -1;
}

static ssize_t receive(struct sg_native_box *b, struct sg_box_event *e, pid_t *pid, int *fd)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec iov = {.iov_base = e, .iov_len = sizeof *e};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.space,
                         .msg_controllen = sizeof control.space};
    ssize_t n;
    do
        n = recvmsg(b->clone, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        *pid = sender(&msg);
        *fd = descriptor(&msg);
    }
    return n;
}

/* The template and its helper may still hold the clone's end: then the socket is not closed with
   the clone. */
static bool go_lies_unread(const struct sg_native_box *b)
{
    int bytes = 0; /* sent and not received yet: SIOCOUTQ in unix(7) */
    return ioctl(b->clone, SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

/* After GO the clone closes its end before the first line of the program: what comes is ours. */
static void hear(struct sg_native_box *b, bool ended)
{
    struct sg_box_event e;
    struct sg_error err = SG_ERROR_INIT;
    pid_t pid = 0;
    int fd = -1;
    bool unread = false;
    ssize_t n = receive(b, &e, &pid, &fd);
    if (n < 0 && errno == EAGAIN) {
        if (!ended || !go_lies_unread(b))
            return;
        unread = true;
    }
    if (n == sizeof e && e.kind == SG_BOX_WAITING && b->state == SG_BOX_STATE_JOINING &&
        !b->killed && fd >= 0) {
        b->program = pid;
        if (on_waiting(b, &e, fd, &err) < 0)
            give_up(b, &err);
        return;
    }
    /* The kernel resets a socket that is closed with a packet unread, and tells that once, before
     * what is still to be read (unix(7)): it ended before it took the run. */
    if (n < 0 && errno == ECONNRESET) {
        unread = true;
        n = receive(b, &e, &pid, &fd);
    }
    e.text[sizeof e.text - 1] = '\0';
    sg_fd_close(&fd);
    sg_loop_unwatch(b->native->loop, &b->clone_watch);
    sg_fd_close(&b->clone);
    if (n == sizeof e && e.kind == SG_BOX_FAILED && b->state == SG_BOX_STATE_STARTED) {
        sg_native_box_failed(b, &e);
    } else if (unread && b->state == SG_BOX_STATE_STARTED && b->run && !b->killed) {
        sg_native_start_again(b);
    } else if (b->state != SG_BOX_STATE_STARTED) {
        sg_error_set(&err, SG_E_LAYER, "a template's clone: %s",
                     n == sizeof e && e.kind == SG_BOX_FAILED ? e.text : "it ended");
        give_up(b, &err);
    }
}

static void on_channel(void *arg, uint32_t events)
{
    (void)events;
    hear(arg, false);
}

void sg_warm_hear(struct sg_native_box *b, bool ended)
{
    if (b->clone >= 0 && b->state == SG_BOX_STATE_STARTED && !b->failure.code)
        hear(b, ended);
}

/* ---- GO ---- */

/* A program that waits has the largest that any run may have; these can only be lowered. */
size_t sg_warm_lower(const struct sg_native_box *b, struct sg_plan_rlimit rows[3])
{
    const struct sg_limits *l = &b->limits;
    const struct sg_plan_rlimit all[] = {
        {RLIMIT_FSIZE, l->file_bytes},
        {RLIMIT_CPU, sg_plan_cpu_seconds(l)},
        {RLIMIT_NPROC, sg_plan_processes(l, &b->native->facts)},
    };
    const struct sg_program_plan *p = b->shelf->plan;
    size_t n = 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(all); i++)
        for (uint32_t k = 0; k < p->nrlimits; k++)
            if (p->rlimits[k].resource == all[i].resource && all[i].value < p->rlimits[k].value)
                rows[n++] = all[i];
    return n;
}

static int lower_limits(const struct sg_native_box *b)
{
    struct sg_plan_rlimit rows[3];
    size_t n = sg_warm_lower(b, rows);
    if (!lives(b))
        return -ESRCH;
    for (size_t i = 0; i < n; i++) {
        int r = sg_rlimit_lower(b->program, &rows[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int clone_go(struct sg_native_box *b, struct sg_error *err)
{
    const struct sg_box_order go = {.kind = SG_BOX_ORDER_GO,
                                    .merge_stderr = b->run->request.merge_stderr};
    const int fds[SG_GO_FDS] = {b->run->payload_fd, b->run->stdin_fd};
    int r = lower_limits(b);
    if (r == 0)
        r = sg_socket_send(b->clone, &go, sizeof go, fds, SG_GO_FDS);
    return r < 0 ? sg_error_errno(err, -r, "a clone that waited did not take the run") : 0;
}

int sg_warm_go(struct sg_native_box *b, struct sg_error *err)
{
    b->started.at_us = sg_now_us(); /* before: the program may be given our core at once */
    int r = b->start == SG_START_AHEAD ? sg_ahead_go(b, err) : clone_go(b, err);
    if (r < 0)
        return r;
    b->state = SG_BOX_STATE_STARTED;
    if (b->clone >= 0) {
        sg_loop_unwatch(b->native->loop, &b->clone_watch);
        sg_native_box_watch_streams_soon(b);
    }
    sg_native_box_started(b);
    return 0;
}

/* ---- the end ---- */

static int respond(int listener, uint64_t id)
{
    _Alignas(8) unsigned char bytes[NOTIF_BYTES_MAX] = {0};
    struct seccomp_notif_resp *resp = (void *)bytes;
    resp->id = id;
    resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, resp);
}

/* Nobody but pid 1 and the program's one thread, which stands still: nothing can be written any
 * more. */
static bool is_alone(struct sg_native_box *b)
{
    return sg_cgroup_stat(b->native->setup->cgroups, &b->cgroup, SG_STAT_PIDS_NOW) == 2;
}

/* The program has called exit_group, and the kernel tells with which status: to take its memory
   down, which it does before a parent may know, takes longer than many a run. */
static void on_exit_group(void *arg, uint32_t events)
{
    struct sg_native_box *b = arg;
    _Alignas(8) unsigned char bytes[NOTIF_BYTES_MAX] = {0};
    struct seccomp_notif *n = (void *)bytes;
    sg_warm_hear(b, false); /* what it said before: a step that failed */
    if (!(events & EPOLLIN) || ioctl(b->exit, SECCOMP_IOCTL_NOTIF_RECV, n) < 0) {
        if (events & (EPOLLHUP | EPOLLERR))
            sg_loop_unwatch(b->native->loop, &b->exit_watch); /* it has ended: pid 1 tells */
        return;
    }
    if (b->state != SG_BOX_STATE_STARTED || b->killed || !b->exit_stands_still || b->exited.kind ||
        (pid_t)n->pid != b->program || !is_alone(b)) {
        respond(b->exit, n->id);
        return;
    }
    b->exited = (struct sg_box_event){.kind = SG_BOX_EXITED,
                                      .status = (int)(n->data.args[0] & 255) << 8,
                                      .alone = 1,
                                      .at_us = sg_now_us(),
                                      .cpu_user_us = SG_UNKNOWN,
                                      .cpu_system_us = SG_UNKNOWN};
    sg_native_box_settle(b);
}
