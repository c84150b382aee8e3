/* A box that runs: its events, its streams, its deadlines. */
#include "core/sandbox/native_box.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/base/time.h"

#define SETUP_WAIT_MS    15000
#define READ_AT_ONCE     (256u << 10) /* of one stream before the other boxes get their turn */
#define CPU_CHECK_MIN_MS 10
#define LISTEN_MS        2
#define EVENTS_AT_ONCE   16 /* more than an honest box has to say */

void sg_native_box_kill(struct sg_native_box *b, enum sg_reason reason)
{
    if (!b->killed) {
        b->killed = true;
        b->reason = reason;
    }
    /* Pid 1's end is everybody's end. Without it (its pid has not been told yet, or the cgroup
       outlives it in the lab build) who makes it and the cgroup are what there is. */
    if (b->init_pidfd >= 0)
        syscall(SYS_pidfd_send_signal, b->init_pidfd, SIGKILL, NULL, 0);
    else if (b->init > 0)
        kill(b->init, SIGKILL);
    else if (!b->init_known)
        sg_cell_kill(b->cell);
    sg_cgroup_kill(b->native->setup->cgroups, &b->cgroup);
}

uint64_t sg_native_cpu_us(struct sg_native_box *b)
{
    const struct sg_cgroups *c = b->native->setup->cgroups;
    uint64_t used = sg_cgroup_stat(c, &b->cgroup, SG_STAT_CPU_US);
    return used == SG_UNKNOWN ? SG_UNKNOWN : used - b->base.cpu_us;
}

/* A template that does not clone in that time serves nobody. */
static bool start_elsewhere(struct sg_native_box *b)
{
    struct sg_shelf *s = b->shelf;
    if (b->state != SG_BOX_STATE_JOINING || b->killed || !s || !s->imports)
        return false;
    if (s->current)
        sg_template_lost(s->current, "it does not clone itself");
    if (b->run)
        sg_native_start_again(b);
    return b->killed;
}

static void on_deadline(void *arg)
{
    struct sg_native_box *b = arg;
    if (start_elsewhere(b))
        return;
    if (!b->started.kind && !b->killed) {
        sg_error_set(&b->failure, SG_E_LAYER, "setting up the box took longer than %d s",
                     SETUP_WAIT_MS / 1000);
        b->refusal = SG_REFUSAL_LAYER;
    }
    sg_native_box_kill(b, SG_REASON_WALL_TIME);
}

/* The next look comes no later than the rest can be used up at the box's share of CPU. */
static void on_cpu_timer(void *arg)
{
    struct sg_native_box *b = arg;
    uint64_t used = sg_native_cpu_us(b), most = b->limits.cpu_time_ms * 1000;
    if (used == SG_UNKNOWN || b->killed)
        return;
    if (used >= most) {
        sg_native_box_kill(b, SG_REASON_CPU_TIME);
        return;
    }
    uint64_t wait_ms = (most - used) / 10 / b->limits.cpu_percent;
    sg_loop_timer(b->native->loop, &b->cpu_timer,
                  (int64_t)(wait_ms > CPU_CHECK_MIN_MS ? wait_ms : CPU_CHECK_MIN_MS), on_cpu_timer,
                  b);
}

static bool is_clients_fault(const struct sg_native_box *b, enum sg_step step, int errnum)
{
    static const int faults[] = {ENOSPC, EEXIST, ENOTDIR, EISDIR, ENAMETOOLONG, EDQUOT, 0};
    if (step != SG_STEP_FILES || SG_LAB_FAILS(&b->lab, SG_STEP_FILES))
        return false;
    for (size_t i = 0; i < SG_ARRAY_LEN(faults); i++)
        if (faults[i] == errnum)
            return true;
    return false;
}

/* The first failure is the one that is told. */
static void fail_step(struct sg_native_box *b, enum sg_step step, int errnum, const char *text)
{
    const char *name = sg_step_name(step);
    if (b->failure.code)
        return;
    if (errnum)
        sg_error_errno(&b->failure, errnum, "%s", text);
    else
        sg_error_set(&b->failure, SG_E_LAYER, "%s", text);
    sg_str_copy(b->failure.step, sizeof b->failure.step, name ? name : "unknown");
    sg_error_fix(&b->failure, "%s", name ? sg_step_fix(step) : "");
    b->refusal = is_clients_fault(b, step, errnum) ? SG_REFUSAL_PROGRAM : SG_REFUSAL_LAYER;
}

/* Only pid 1 and what it starts ever joins, so where it has ended before we looked, the counters
   tell that it was there. */
static bool was_in_cgroup(struct sg_native_box *b)
{
    static const enum sg_cgroup_figure traces[] = {SG_STAT_MEMORY_PEAK, SG_STAT_PIDS_PEAK,
                                                   SG_STAT_CPU_US};
    const struct sg_cgroups *c = b->native->setup->cgroups;
    if (b->init && sg_cgroup_holds(c, &b->cgroup, b->init))
        return true;
    if (b->renewed)
        return sg_native_cpu_us(b) != SG_UNKNOWN && sg_native_cpu_us(b) > 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(traces); i++) {
        uint64_t value = sg_cgroup_stat(c, &b->cgroup, traces[i]);
        if (value != SG_UNKNOWN && value > 0)
            return true;
    }
    return false;
}

/* The place is made, and it lies where it is bounded. What pid 1 says may come before its pid,
   which another process tells. */
static void on_ready(struct sg_native_box *b)
{
    if (!b->ready || !b->init_known)
        return;
    uint32_t layers = b->native->setup->cgroups->layers & ~(uint32_t)b->lab.off;
    if (layers && !was_in_cgroup(b)) {
        fail_step(b, SG_STEP_CGROUP_JOIN, 0, "the box is not in its cgroup");
        sg_native_box_kill(b, SG_REASON_CANCELLED);
        return;
    }
    sg_cell_open_counters(b->cell,
                          b->init); /* while there is somebody in it by whom it can be found */
    if (!b->run)
        sg_loop_timer_stop(b->native->loop, &b->deadline);
    if (b->state == SG_BOX_STATE_MAKING)
        sg_pool_prepared(b);
}

void sg_native_box_started(struct sg_native_box *b)
{
    struct sg_loop *loop = b->native->loop;
    uint64_t wall = b->limits.wall_time_ms * (SG_LAB_OFF(&b->lab, DEADLINE) ? 10 : 1);
    b->started.isolation.layers |= b->native->setup->cgroups->layers & ~(uint32_t)b->lab.off;
    if (!b->killed) /* else it is about to end, and is not given the time of a run for that */
        sg_loop_timer(loop, &b->deadline, (int64_t)wall, on_deadline, b);
    if (!b->killed && !SG_LAB_OFF(&b->lab, CPU_TIMER))
        on_cpu_timer(b);
    sg_run_started(b->run); /* a killed one, too: it may have done something */
}

void sg_native_box_failed(struct sg_native_box *b, const struct sg_box_event *e)
{
    fail_step(b, e->step, e->errnum, e->text);
    sg_native_box_kill(b, SG_REASON_CANCELLED);
}

void sg_native_box_fail(struct sg_native_box *b, const struct sg_error *err)
{
    if (!b->failure.code) { /* the first failure is the one that is told, as what it was */
        b->failure = *err;
        b->refusal =
            err->code == SG_E_INVALID && !err->step[0] ? SG_REFUSAL_PROGRAM : SG_REFUSAL_LAYER;
    }
    sg_native_box_kill(b, SG_REASON_CANCELLED);
}

/* We alone reap, so a pid that was told and not yet reaped is still that process. */
static void on_pid(struct sg_native_box *b, pid_t pid)
{
    siginfo_t info = {0};
    b->init_known = true;
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
        b->init_ended = true; /* reaped already, as a stranger */
        return;
    }
    b->init = pid;
    /* Without a descriptor (there may be none left) the pid will do, for the same reason. */
    b->init_pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (b->killed)
        sg_native_box_kill(b, b->reason);
    on_ready(b);
}

static void take_started(struct sg_native_box *b, const struct sg_box_event *e)
{
    b->started = *e;
    b->started.at_us = sg_native_event_time(e, b->begun_us);
    if (b->state == SG_BOX_STATE_STARTED)
        sg_native_box_started(b);
}

static void take_exited(struct sg_native_box *b, const struct sg_box_event *e)
{
    sg_warm_hear(b, true);
    if (b->run && !b->killed && b->state != SG_BOX_STATE_STARTED) {
        sg_native_start_again(b); /* it never got so far as to run anything */
        return;
    }
    b->exited = *e;
    b->exited.at_us = sg_native_event_time(e, b->started.at_us);
}

/* Of this box alone: the others go on. One that we have ended is told as that. */
static void take_misfit(struct sg_native_box *b, const struct sg_box_event *e)
{
    if (b->killed)
        return;
    if (!b->failure.code) {
        sg_error_set(&b->failure, SG_E_PROTOCOL, "the box sent event %u, which cannot be", e->kind);
        b->refusal = SG_REFUSAL_LAYER;
    }
    sg_native_box_kill(b, SG_REASON_CANCELLED);
}

static void take_event(struct sg_native_box *b, const struct sg_box_event *e)
{
    if (b->exited.kind)
        return; /* it is over: nothing that is said now changes how */
    if (!sg_native_event_fits(b, e)) {
        take_misfit(b, e);
        return;
    }
    switch (e->kind) {
    case SG_BOX_PID:
        on_pid(b, e->pid);
        break;
    case SG_BOX_STARTED:
        take_started(b, e);
        break;
    case SG_BOX_WAITING:
        sg_ahead_waits(b);
        break;
    case SG_BOX_READY:
        b->ready = true;
        on_ready(b);
        break;
    case SG_BOX_EXITED:
        take_exited(b, e);
        break;
    default:
        sg_native_box_failed(b, e);
    }
}

/* most: of one that lives, or who floods us would hold up all others. */
static void read_control(struct sg_native_box *b, size_t most)
{
    struct sg_box_event e;
    int r = 1, fd;
    for (size_t i = 0; i < most && b->control >= 0; i++) {
        r = sg_native_event(b->control, &e, &fd);
        if (r != 1)
            break;
        if (e.kind == SG_BOX_READY && !b->ready && b->workdir < 0)
            b->workdir = SG_TAKE_FD(fd);
        sg_fd_close(&fd);
        take_event(b, &e);
    }
    if (r != 1 && r != -EAGAIN)
        sg_loop_unwatch(b->native->loop, &b->control_watch);
}

static void on_control(void *arg, uint32_t events)
{
    struct sg_native_box *b = arg;
    (void)events;
    read_control(b, EVENTS_AT_ONCE);
    sg_native_box_settle(b);
}

/* Reads what is there. Everything that was written counts, also what is not kept. */
static void drain(struct sg_native_box *b, struct sg_capture *c, struct sg_watch *w, int *fd,
                  size_t most)
{
    while (*fd >= 0) {
        long n = sg_capture_read(c, *fd, most);
        if (n == -EAGAIN || (n > 0 && most == READ_AT_ONCE))
            return;
        if (n > 0)
            continue;
        if (n < 0) { /* no half of an output passes for the whole */
            sg_error_errno(&b->failure, (int)-n, "keeping the program's output");
            b->refusal = SG_REFUSAL_INTERNAL;
            sg_native_box_kill(b, SG_REASON_CANCELLED);
        }
        sg_loop_unwatch(b->native->loop, w);
        sg_fd_close(fd);
    }
}

static void check_flood(struct sg_native_box *b)
{
    bool flood =
        b->out_kept.total > SG_OUTPUT_HARD_BYTES || b->err_kept.total > SG_OUTPUT_HARD_BYTES;
    if (flood && !SG_LAB_OFF(&b->lab, OUTPUT_CAP) && !b->killed)
        sg_native_box_kill(b, SG_REASON_OUTPUT);
}

/* The reader of a streamed run has room again. */
static void on_room(void *arg)
{
    struct sg_native_box *b = arg;
    struct sg_error err = SG_ERROR_INIT;
    if (!b->held || b->concluded)
        return;
    int r = sg_native_box_watch_streams(b);
    if (r < 0) {
        sg_error_errno(&err, -r, "watching the program's output");
        sg_native_box_fail(b, &err);
    }
}

static void on_stream(struct sg_native_box *b)
{
    check_flood(b);
    if (!b->run || !sg_relay_is_full(&b->run->relay))
        return;
    b->held = true;
    sg_relay_on_room(&b->run->relay, on_room, b);
    sg_loop_unwatch(b->native->loop, &b->out_watch);
    sg_loop_unwatch(b->native->loop, &b->err_watch);
}

static void on_out(void *arg, uint32_t events)
{
    struct sg_native_box *b = arg;
    (void)events;
    drain(b, &b->out_kept, &b->out_watch, &b->out, READ_AT_ONCE);
    on_stream(b);
}

static void on_err(void *arg, uint32_t events)
{
    struct sg_native_box *b = arg;
    (void)events;
    drain(b, &b->err_kept, &b->err_watch, &b->err, READ_AT_ONCE);
    on_stream(b);
}

void sg_native_box_set_up_deadline(struct sg_native_box *b)
{
    sg_loop_timer(b->native->loop, &b->deadline, SETUP_WAIT_MS, on_deadline, b);
}

int sg_native_box_watch(struct sg_native_box *b)
{
    sg_native_box_set_up_deadline(b);
    return sg_loop_watch(b->native->loop, &b->control_watch, b->control, EPOLLIN, on_control, b);
}

int sg_native_box_watch_streams(struct sg_native_box *b)
{
    struct sg_loop *loop = b->native->loop;
    int r = 0;
    b->held = false;
    if (b->out >= 0)
        r = sg_loop_watch(loop, &b->out_watch, b->out, EPOLLIN, on_out, b);
    if (r >= 0 && b->err >= 0)
        r = sg_loop_watch(loop, &b->err_watch, b->err, EPOLLIN, on_err, b);
    return r;
}

static void on_listen(void *arg)
{
    struct sg_native_box *b = arg;
    struct sg_error err = SG_ERROR_INIT;
    sg_warm_hear(b, false);
    if (!b->run)
        return;
    if (b->clone < 0) { /* the program has its payload: nobody else will need it */
        sg_fd_close(&b->run->payload_fd);
        sg_fd_close(&b->run->stdin_fd);
    }
    int r = sg_native_box_watch_streams(b);
    if (r < 0) {
        sg_error_errno(&err, -r, "watching the program's output");
        sg_native_box_fail(b, &err);
    }
}

void sg_native_box_watch_streams_soon(struct sg_native_box *b)
{
    sg_loop_timer(b->native->loop, &b->listen, LISTEN_MS, on_listen, b);
}

void sg_native_box_reaped(struct sg_native_box *b)
{
    b->init = 0;
    b->init_ended = true;
    if (!b->concluded)
        read_control(b, SIZE_MAX); /* what it said before it ended */
    if (!b->concluded && !b->exited.kind)
        sg_warm_hear(b, true); /* of a clone that ended with pid 1, which did not tell so */
    sg_native_box_settle(b);
}

void sg_native_box_not_launched(struct sg_native_box *b)
{
    fail_step(b, SG_STEP_LAUNCH, 0, "sandgate-box could not be started");
}

void sg_native_box_unmade(struct sg_native_box *b)
{
    if (!b->concluded)
        read_control(b, SIZE_MAX); /* its pid may have been told */
    b->unmade = !b->init_known;
    if (b->init_known && !b->run && !b->killed && !b->concluded)
        sg_native_box_kill(b, SG_REASON_CANCELLED); /* what waits in it is made anew, in another */
    sg_native_box_settle(b);
}

/* Over when nobody is left, or pid 1 has told that it is the last: its own end, which takes the
   kernel a while, then is not waited for. Where its pid was never told there is none, or it ends by
   itself at the closed socket and is reaped as a stranger. */
void sg_native_box_settle(struct sg_native_box *b)
{
    bool ended = b->init_known ? b->init_ended : b->unmade;
    if (!b->concluded && (ended || b->exited.alone)) {
        /* All writers are gone or stand still, so this reads to the end; a descriptor held by an
           orphan (lab build) does not hold us up. */
        drain(b, &b->out_kept, &b->out_watch, &b->out, SIZE_MAX);
        drain(b, &b->err_kept, &b->err_watch, &b->err, SIZE_MAX);
        check_flood(b);
        if (!sg_native_files(b))
            return;
        sg_native_box_conclude(b);
    }
    if (ended)
        sg_native_box_clear(b);
}
