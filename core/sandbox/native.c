/* The native engine: boxes as runs of the server. */
#include "core/sandbox/native.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/sandbox/filters.h"
#include "core/sandbox/host.h"
#include "core/sandbox/native_box.h"

#define REFILL_AGAIN_MS 1000 /* after a spare launcher has died: not to spin */

/* ---- boxes ---- */

static struct sg_native_box *box_alloc(struct sg_native *n)
{
    struct sg_native_box *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->native = n;
    b->serial = ++n->serial;
    b->init_pidfd = b->control = b->out = b->err = b->clone = b->exit = b->program_pidfd = -1;
    b->workdir = b->denied = -1;
    b->control_watch = b->out_watch = b->err_watch = (struct sg_watch)SG_WATCH_INIT;
    b->clone_watch = b->exit_watch = (struct sg_watch)SG_WATCH_INIT;
    b->cgroup = (struct sg_cgroup)SG_CGROUP_INIT;
#ifdef SG_LAB
    sg_lab_read(&b->lab);
#endif
    b->next = n->boxes;
    n->boxes = b;
    return b;
}

void sg_native_box_forget(struct sg_native_box *b)
{
    struct sg_native_box **at = &b->native->boxes;
    while (*at && *at != b)
        at = &(*at)->next;
    if (*at)
        *at = b->next;
    free(b);
}

struct sg_profile *sg_native_profile(struct sg_native *n, const struct sg_run *run)
{
    size_t i = (size_t)(run->runtime - n->runtimes->v);
    return run->request.stage == SG_JOB_COMPILE ? &n->compile_profiles[i] : &n->profiles[i];
}

/* A box that could not be made leaves nothing: no pid 1 exists, so there is nothing to wait for. */
static void undo_make(struct sg_native_box *b)
{
    sg_fd_close(&b->control);
    sg_cgroup_remove(b->native->setup->cgroups, &b->cgroup);
    sg_cgroup_close(&b->cgroup);
    if (b->cell) {
        b->cell->spoiled = true;
        sg_cell_put(b->cell);
    }
    sg_native_box_forget(b);
}

struct sg_native_box *sg_native_box_new(struct sg_native *n, const struct sg_limits *limits,
                                        struct sg_error *err)
{
    struct sg_native_box *b = box_alloc(n);
    if (!b) {
        sg_error_errno(err, ENOMEM, "a new box");
        return NULL;
    }
    b->limits = *limits;
    if (sg_native_box_make(b, err) < 0) {
        undo_make(b);
        return NULL;
    }
    int r = sg_native_box_watch(b);
    if (r < 0) /* somebody makes it: let that end in the usual way */
        sg_native_box_failed(b, &(struct sg_box_event){.step = SG_STEP_PIPES,
                                                       .errnum = -r,
                                                       .text = "watching what the box says"});
    return b;
}

static void on_refill(void *arg)
{
    struct sg_native *n = arg;
    if (sg_pool_refill(n) || sg_launchers_refill(&n->launchers, sg_config_slots(n->cfg)) > 0)
        sg_native_refill_soon(n, 0);
}

/* One at a time, and a moment later, so that a request that comes just now is not held up by all of
   them. The lab build makes none: its control boxes shall be able to have the host's network. */
void sg_native_refill_soon(struct sg_native *n, int64_t in_ms)
{
#ifndef SG_LAB
    sg_loop_timer(n->loop, &n->refill, in_ms, on_refill, n);
#else
    (void)n;
    (void)in_ms;
    (void)on_refill;
#endif
}

static void attach(struct sg_native_box *b, struct sg_run *run)
{
    b->run = run;
    b->begun_us = sg_now_us();
    run->engine_data = b;
    sg_run_capture(run, &b->out_kept, &b->err_kept);
}

/* The run is another box's, or nobody's: what this one still says is not the run's output. */
static struct sg_run *detach(struct sg_native_box *b)
{
    struct sg_run *run = b->run;
    sg_relay_on_room(&run->relay, NULL, NULL);
    sg_capture_done(&b->out_kept);
    sg_capture_done(&b->err_kept);
    b->run = NULL;
    return run;
}

/* A prepared box has the default limits: others are written when it becomes a run's. */
static int take_limits(struct sg_native_box *b, struct sg_error *err)
{
    const struct sg_limits *want = &b->run->request.limits;
    int r = memcmp(&b->limits, want, sizeof *want) == 0 ? 0 : sg_native_box_limit(b, want, err);
    b->cell->spoiled = b->cell->spoiled || r < 0; /* nobody else gets such a cgroup */
    return r;
}

/* A box that waits takes the run at once. False: it could not, and ends. */
static bool start_waiting(struct sg_native_box *b, struct sg_run *run)
{
    struct sg_error err = SG_ERROR_INIT;
    attach(b, run);
    if (take_limits(b, &err) == 0 && sg_warm_go(b, &err) == 0)
        return true;
    sg_log_error(SG_LOG_WARNING, &err);
    detach(b);
    sg_native_box_kill(b, SG_REASON_CANCELLED);
    return false;
}

/* Into a box that has no program yet: cold, or a template's clone. */
static int start_in(struct sg_native_box *b, struct sg_run *run, struct sg_shelf *shelf)
{
    struct sg_error err = SG_ERROR_INIT;
    attach(b, run);
    /* What could not be watched must not be told to run anything. */
    int r = b->failure.code ? b->failure.code : take_limits(b, &err);
    if (r == 0 && shelf && shelf->current) {
        b->shelf = shelf;
        if (b->state == SG_BOX_STATE_PREPARED && sg_warm_join(b, &err) < 0) {
            sg_log_error(SG_LOG_WARNING, &err);
            sg_native_start_again(b);
            return 0;
        }
    } else if (r == 0) {
        b->state = SG_BOX_STATE_STARTED;
        sg_native_box_set_up_deadline(b);
        r = sg_native_box_run_cold(b, &err);
    }
    if (r < 0) {
        sg_error_set(&err, r, "starting the run");
        sg_native_box_fail(b, &err);
    }
    return 0;
}

static int start(void *engine, struct sg_run *run, struct sg_error *err)
{
    struct sg_native *n = engine;
    struct sg_shelf *shelf = sg_pool_shelf(n, run);
    struct sg_native_box *b = shelf ? sg_pool_take_waiting(shelf) : NULL;
    sg_pool_note_run(n);
    sg_native_refill_soon(n, sg_pool_is_busy(n) ? 0 : SG_REFILL_WAIT_MS);
    if (b && start_waiting(b, run))
        return 0;
    b = sg_pool_take_prepared(n);
    if (!b)
        b = sg_native_box_new(n, &run->request.limits, err);
    return b ? start_in(b, run, shelf) : err->code;
}

/* Once: a cold start needs nobody's help. */
void sg_native_start_again(struct sg_native_box *b)
{
    struct sg_error err = SG_ERROR_INIT;
    struct sg_run *run = detach(b);
    sg_native_box_kill(b, SG_REASON_CANCELLED);
    struct sg_native_box *other = sg_native_box_new(b->native, &run->request.limits, &err);
    if (other) {
        start_in(other, run, NULL);
        return;
    }
    sg_run_failed(run, SG_REFUSAL_LAYER, &err);
    sg_run_released(run);
}

static void cancel(void *engine, struct sg_run *run)
{
    struct sg_native_box *b = run->engine_data;
    (void)engine;
    if (!b->concluded)
        sg_native_box_kill(b, SG_REASON_CANCELLED);
}

const struct sg_engine_ops sg_native_ops = {
    .name = "native",
    .start = start,
    .cancel = cancel,
    .count_boxes = sg_native_count_boxes,
};

/* ---- reaping ---- */

static struct sg_native_box *box_of(struct sg_native *n, pid_t pid)
{
    for (struct sg_native_box *b = n->boxes; b; b = b->next)
        if (b->init == pid)
            return b;
    return NULL;
}

/* A box tells the pid of its pid 1 before that can end, but the message may still lie unread. */
static void read_all_controls(struct sg_native *n)
{
    for (struct sg_native_box *b = n->boxes, *next; b; b = next) {
        next = b->next;
        if (!b->init_known && !b->concluded && b->control_watch.fd >= 0)
            b->control_watch.on_event(b, EPOLLIN);
    }
}

static void on_children(void *arg, uint32_t events)
{
    struct sg_native *n = arg;
    struct signalfd_siginfo info;
    siginfo_t child = {0};
    (void)events;
    while (read(n->child_signal, &info, sizeof info) > 0)
        ;
    read_all_controls(n);
    while (waitid(P_ALL, 0, &child, WEXITED | WNOHANG) == 0 && child.si_pid > 0) {
        struct sg_native_box *b = box_of(n, child.si_pid);
        if (b)
            sg_native_box_reaped(b);
        else if (sg_cell_reaped(n, &child))
            sg_native_refill_soon(n, 0);
        else if (sg_template_reaped(n, child.si_pid))
            sg_native_refill_soon(n, 0);
        else if (sg_launchers_reaped(&n->launchers, child.si_pid))
            sg_loop_timer(n->loop, &n->refill, REFILL_AGAIN_MS, on_refill, n);
        child.si_pid = 0;
    }
}

static int watch_children(struct sg_native *n)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -errno;
    n->child_signal = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (n->child_signal < 0)
        return -errno;
    return sg_loop_watch(n->loop, &n->child_watch, n->child_signal, EPOLLIN, on_children, n);
}

/* ---- life ---- */

static int load_profiles_of(struct sg_native *n, size_t i, struct sg_error *err)
{
    const struct sg_runtime *rt = &n->runtimes->v[i];
    const char *dir = n->cfg->profile_dir;
    int r = sg_filter_load(&n->profiles[i], dir, rt, SG_FILTER_RUN, err);
    if (r == 0 && sg_filter_is_used(rt, SG_FILTER_COMPILE, false))
        r = sg_filter_load(&n->compile_profiles[i], dir, rt, SG_FILTER_COMPILE, err);
    return r;
}

static int load_profiles(struct sg_native *n, struct sg_error *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < n->runtimes->n; i++)
        r = load_profiles_of(n, i, err);
    return r;
}

struct sg_native *sg_native_new(struct sg_loop *loop, const struct sg_config *cfg,
                                struct sg_runtimes *runtimes, const struct sg_native_setup *setup,
                                struct sg_error *err)
{
    struct sg_native *n = calloc(1, sizeof *n);
    if (!n) {
        sg_error_errno(err, ENOMEM, "the native engine");
        return NULL;
    }
    *n = (struct sg_native){.loop = loop,
                            .cfg = cfg,
                            .runtimes = runtimes,
                            .setup = setup,
                            .launchers = {.program = setup->box_program},
                            .child_signal = -1,
                            .child_watch = SG_WATCH_INIT};
    int r = sg_host_facts(&n->facts, cfg, setup->cgroups, setup->userns->count >= 2, err);
    if (r == 0)
        r = load_profiles(n, err);
    if (r == 0 && (r = sg_box_ids_init(&n->ids, setup->userns->count,
                                       (uint32_t)setup->cgroups->instance)) < 0)
        sg_error_errno(err, -r, "ids of boxes");
    if (r == 0 && (r = watch_children(n)) < 0)
        sg_error_errno(err, -r, "watching children");
    if (r == 0)
        r = sg_pool_init(n, err);
    if (r < 0) {
        sg_native_free(n);
        return NULL;
    }
    return n;
}

void sg_native_free(struct sg_native *n)
{
    sg_loop_unwatch(n->loop, &n->child_watch);
    sg_fd_close(&n->child_signal);
    sg_loop_timer_stop(n->loop, &n->refill);
    sg_pool_done(n);
    sg_cells_done(n);
    sg_launchers_done(&n->launchers);
    for (size_t i = 0; i < SG_RUNTIMES_MAX; i++) {
        sg_profile_done(&n->profiles[i]);
        sg_profile_done(&n->compile_profiles[i]);
    }
    sg_box_ids_done(&n->ids);
    sg_trials_free(n->trials);
    free(n);
}

/* ---- trial runs ---- */

static void on_trials_done(void *arg, bool all_passed)
{
    struct sg_native *n = arg;
    sg_pool_open(n);
    n->trials_done(n->trials_arg, all_passed);
}

static void report_templates(void *arg, size_t runtime)
{
    sg_pool_report(arg, runtime);
}

void sg_native_trials(struct sg_native *n, struct sg_server *s, void (*done)(void *, bool),
                      void *arg)
{
    n->server = s;
    sg_server_on_templates(s, report_templates, n);
    sg_trials_free(n->trials);
    n->trials_done = done;
    n->trials_arg = arg;
    if (sg_trials_start(s, n->runtimes, false, on_trials_done, n, &n->trials) < 0)
        done(arg, false);
}
