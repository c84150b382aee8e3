/* The end of a box: the verdict, the figures, the answer, and clearing away. */
#include "core/sandbox/native_box.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/sandbox/attest.h"
#include "core/sandbox/product.h"

#define TEARDOWN_RETRY_MS 5
#define TEARDOWN_TRIES    2000

struct figures {
    uint64_t v[SG_STAT_COUNT];
};

static void subtract(uint64_t *figure, uint64_t base)
{
    if (*figure != SG_UNKNOWN)
        *figure = *figure > base ? *figure - base : 0;
}

/* A short run falls between two ticks: the exact sum is divided as the ticks say, as the kernel
   does it for a process (cputime_adjust). */
static void share_out(struct figures *f)
{
    uint64_t *user = &f->v[SG_STAT_CPU_USER_US], *system = &f->v[SG_STAT_CPU_SYSTEM_US];
    uint64_t all = f->v[SG_STAT_CPU_US];
    if (all == SG_UNKNOWN || *user == SG_UNKNOWN || *system == SG_UNKNOWN)
        return;
    uint64_t ticks = *user + *system;
    *user = ticks ? (uint64_t)((double)all * (double)*user / (double)ticks) : all;
    *system = all - *user;
}

/* What was used before the program was told to go does not count. */
static void read_figures(struct sg_native_box *b, struct figures *f)
{
    for (int i = 0; i < SG_STAT_MEMORY_NOW; i++)
        f->v[i] = sg_cgroup_stat(b->native->setup->cgroups, &b->cgroup, i);
    subtract(&f->v[SG_STAT_CPU_US], b->base.cpu_us);
    subtract(&f->v[SG_STAT_CPU_USER_US], b->base.cpu_user_us);
    subtract(&f->v[SG_STAT_CPU_SYSTEM_US], b->base.cpu_system_us);
    share_out(f);
    subtract(&f->v[SG_STAT_THROTTLED], b->base.throttled);
    subtract(&f->v[SG_STAT_PIDS_HITS], b->base.pids_hits);
    subtract(&f->v[SG_STAT_MEMORY_HITS], b->base.memory_hits);
}

static bool rose(const struct figures *f, enum sg_cgroup_figure figure)
{
    return f->v[figure] != SG_UNKNOWN && f->v[figure] > 0;
}

static bool memory_limit_met(const struct sg_native_box *b, const struct figures *f)
{
    return sg_memory_limit_met(b->limits.memory_bytes, f->v[SG_STAT_MEMORY_HITS],
                               f->v[SG_STAT_MEMORY_PEAK]);
}

/* Killed by the kernel for what the box has taken, not for what others have. */
static bool out_of_memory(const struct sg_native_box *b, const struct figures *f)
{
    return rose(f, SG_STAT_OOM_KILLS) && memory_limit_met(b, f);
}

/* A program can send itself these signals; only the figures tell whether the kernel did. */
static bool cpu_used_up(const struct sg_native_box *b, const struct figures *f)
{
    uint64_t user = f->v[SG_STAT_CPU_USER_US], system = f->v[SG_STAT_CPU_SYSTEM_US];
    if (user == SG_UNKNOWN || system == SG_UNKNOWN) {
        user = b->exited.cpu_user_us;
        system = b->exited.cpu_system_us;
    }
    return (user + system) / 1000 >= b->limits.cpu_time_ms;
}

/* Signal 9 alone proves nothing: a memory verdict needs the kernel's count of OOM kills. */
static enum sg_reason find_reason(const struct sg_native_box *b, const struct figures *f)
{
    int status = b->exited.status;
    bool failed = !b->exited.kind || status != 0;
    if (b->killed && !b->exited.kind)
        return b->reason;
    if (failed && out_of_memory(b, f))
        return SG_REASON_MEMORY;
    if (b->killed && b->reason == SG_REASON_OUTPUT)
        return SG_REASON_OUTPUT;
    if (WIFSIGNALED(status))
        return sg_reason_of_signal(WTERMSIG(status), cpu_used_up(b, f), rose(f, SG_STAT_PIDS_HITS));
    if (failed && rose(f, SG_STAT_PIDS_HITS))
        return SG_REASON_PROCESSES;
    return SG_REASON_EXITED;
}

static uint32_t find_hits(const struct sg_native_box *b, const struct figures *f,
                          enum sg_reason reason)
{
    uint32_t hits = 0;
    if (f->v[SG_STAT_MEMORY_HITS] != SG_UNKNOWN && memory_limit_met(b, f))
        hits |= SG_HIT_MEMORY;
    if (rose(f, SG_STAT_PIDS_HITS))
        hits |= SG_HIT_PROCESSES;
    if (rose(f, SG_STAT_THROTTLED))
        hits |= SG_HIT_CPU_PERCENT;
    if (!b->run->request.stream &&
        (b->out_kept.total > b->limits.output_bytes || b->err_kept.total > b->limits.output_bytes))
        hits |= SG_HIT_OUTPUT;
    hits |= reason == SG_REASON_WALL_TIME ? SG_HIT_WALL_TIME : 0;
    hits |= reason == SG_REASON_CPU_TIME ? SG_HIT_CPU_TIME : 0;
    hits |= reason == SG_REASON_FILE_SIZE ? SG_HIT_FILE_SIZE : 0;
    return hits;
}

/* Pid 1 of the box is counted by the kernel and is not the program's. */
static uint64_t program_processes(const struct figures *f)
{
    uint64_t peak = f->v[SG_STAT_PIDS_PEAK];
    return peak == SG_UNKNOWN ? SG_UNKNOWN : peak > 1 ? peak - 1 : peak;
}

static void fill_limit(struct sg_outcome *o, const struct sg_native_box *b)
{
    const struct sg_limits *l = &b->limits;
    const struct sg_usage *u = &o->usage;
    uint64_t cpu =
        u->cpu_user_us == SG_UNKNOWN ? SG_UNKNOWN : (u->cpu_user_us + u->cpu_system_us) / 1000;
    uint64_t written =
        o->out.total_bytes > o->err.total_bytes ? o->out.total_bytes : o->err.total_bytes;
    const struct {
        uint64_t limit, peak;
    } rows[SG_REASON_COUNT] = {
        [SG_REASON_EXITED] = {SG_UNKNOWN, SG_UNKNOWN},
        [SG_REASON_SIGNALED] = {SG_UNKNOWN, SG_UNKNOWN},
        [SG_REASON_WALL_TIME] = {l->wall_time_ms, u->wall_time_us / 1000},
        [SG_REASON_CPU_TIME] = {l->cpu_time_ms, cpu},
        [SG_REASON_MEMORY] = {l->memory_bytes, u->memory_peak_bytes},
        [SG_REASON_PROCESSES] = {l->processes, u->processes_peak},
        [SG_REASON_OUTPUT] = {SG_OUTPUT_HARD_BYTES, written},
        [SG_REASON_FILE_SIZE] = {l->file_bytes, SG_UNKNOWN},
        [SG_REASON_SECCOMP] = {SG_UNKNOWN, SG_UNKNOWN},
        [SG_REASON_CANCELLED] = {SG_UNKNOWN, SG_UNKNOWN},
    };
    o->limit = rows[o->reason].limit;
    o->peak = rows[o->reason].peak;
}

static void read_network(int net_dev, struct sg_usage *u)
{
    char text[4096];
    ssize_t n = pread(net_dev, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    sg_attest_net_dev(text, &u->network_rx_bytes, &u->network_tx_bytes);
}

static void fill_usage(struct sg_outcome *o, const struct sg_native_box *b, const struct figures *f)
{
    int64_t end = b->exited.kind ? b->exited.at_us : b->ended_us;
    struct sg_usage *u = &o->usage;
    u->wall_time_us = (uint64_t)(end - b->started.at_us);
    u->cpu_user_us = f->v[SG_STAT_CPU_USER_US];
    u->cpu_system_us = f->v[SG_STAT_CPU_SYSTEM_US];
    if ((u->cpu_user_us == SG_UNKNOWN || u->cpu_system_us == SG_UNKNOWN) && b->exited.kind) {
        u->cpu_user_us = b->exited.cpu_user_us;
        u->cpu_system_us = b->exited.cpu_system_us;
    }
    u->memory_peak_bytes = f->v[SG_STAT_MEMORY_PEAK];
    u->processes_peak = program_processes(f);
    read_network(sg_cell_net_dev(b->cell, b->init), u);
    o->timings.start = b->start;
    o->timings.queue_us = b->run->queue_us;
    o->timings.setup_us = sg_timing_us(b->started.at_us - b->begun_us);
    o->timings.run_us = sg_timing_us((int64_t)u->wall_time_us);
    o->timings.collect_us = sg_timing_us(sg_now_us() - end);
}

static void fill_isolation(struct sg_outcome *o, const struct sg_native_box *b)
{
    const struct sg_runtime *rt = b->run->runtime;
    o->isolation = b->started.isolation;
    o->isolation.missing = ((1u << SG_LAYER_COUNT) - 1) & ~o->isolation.layers;
    sg_str_copy(o->isolation.profile, sizeof o->isolation.profile,
                sg_native_profile(b->native, b->run)->name);
    sg_str_copy(o->language, sizeof o->language, rt->language);
    sg_str_copy(o->version, sizeof o->version, rt->version);
}

/* Pid 1 wrote them, and is not believed more than that they are numbers. It may have been killed at
   any moment. Of a run that was not traced, all stays zero. */
static void read_denied(const struct sg_native_box *b, struct sg_denied *ret)
{
    if (b->denied >= 0)
        ret->traced = pread(b->denied, ret, sizeof *ret, 0) == sizeof *ret;
}

/* Pid 1 has copied it, or says what is wrong with it. */
static void take_product(struct sg_native_box *b, struct sg_outcome *o)
{
    o->product = b->exited.product < SG_PRODUCT_COUNT ? b->exited.product : SG_PRODUCT_MISSING;
    if (o->reason != SG_REASON_EXITED)
        o->product = SG_PRODUCT_NONE;
    if (o->product == SG_PRODUCT_TAKEN)
        o->product = sg_product_seal(b->run->product_fd, SG_PRODUCT_BYTES_MAX);
}

static void answer_outcome(struct sg_native_box *b, const struct figures *f)
{
    struct sg_outcome o = {.exit_code = -1};
    struct sg_error err = SG_ERROR_INIT;
    sg_autofd int out = sg_capture_memfd(&b->out_kept, "stdout", &o.out);
    sg_autofd int errfd = sg_capture_memfd(&b->err_kept, "stderr", &o.err);
    if (out < 0 || errfd < 0) {
        sg_error_set(&err, SG_E_INTERNAL, "no memory for the program's output");
        sg_run_failed(b->run, SG_REFUSAL_INTERNAL, &err);
        return;
    }
    o.reason = find_reason(b, f);
    o.limits_hit = find_hits(b, f, o.reason);
    if (b->exited.kind && WIFEXITED(b->exited.status))
        o.exit_code = WEXITSTATUS(b->exited.status);
    else
        o.signal = b->exited.kind ? WTERMSIG(b->exited.status) : SIGKILL;
    if (b->run->request.stage == SG_JOB_COMPILE && b->exited.kind)
        take_product(b, &o);
    fill_usage(&o, b, f);
    fill_limit(&o, b);
    fill_isolation(&o, b);
    read_denied(b, &o.denied);
    sg_run_finished(b->run, &o, out, errfd);
}

static void answer(struct sg_native_box *b)
{
    struct figures f;
    read_figures(b, &f);
    if (!b->failure.code && !b->killed && !b->exited.kind && !out_of_memory(b, &f)) {
        /* Lost where the program had begun: core/exec knows. Otherwise nothing was run. */
        sg_error_set(&b->failure, SG_E_INTERNAL,
                     "the box ended without a result: its init process was killed");
        b->refusal = SG_REFUSAL_LAYER;
    }
    if (!b->failure.code && !b->started.kind) {
        /* Cancelled, or out of memory, before there was a program. */
        sg_error_set(&b->failure, b->killed ? SG_E_CANCELLED : SG_E_LAYER,
                     b->killed ? "cancelled while the box was set up"
                               : "the memory limit is too small to set the box up");
        b->refusal = b->killed ? SG_REFUSAL_INTERNAL : SG_REFUSAL_PROGRAM;
    }
    if (b->failure.code)
        sg_run_failed(b->run, b->refusal ? b->refusal : SG_REFUSAL_LAYER, &b->failure);
    else
        answer_outcome(b, &f);
}

static void release(struct sg_native_box *b)
{
    struct sg_native *n = b->native;
    struct sg_run *run = b->run;
    sg_fd_close(
        &b->exit); /* not before: without a listener exit_group would return to the program */
    sg_cgroup_close(&b->cgroup);
    sg_cell_put(b->cell);
    sg_capture_done(&b->out_kept);
    sg_capture_done(&b->err_kept);
    sg_native_box_forget(b);
    sg_native_refill_soon(n, 0);
    if (run)
        sg_run_released(run);
}

/* The kernel may take a moment to let go of the last task; the slot stays taken until it has. */
static void on_teardown(void *arg)
{
    struct sg_native_box *b = arg;
    sg_loop_timer_stop(b->native->loop, &b->teardown); /* this may be another call than its own */
    b->cell->spoiled = b->cell->spoiled || b->failure.code || sg_cell_has_sockets(b->cell);
    if (sg_cell_is_kept(b->cell) && sg_cgroup_is_clean(b->native->setup->cgroups, &b->cgroup)) {
        b->cell->cgroup = b->cgroup;
        b->cgroup = (struct sg_cgroup)SG_CGROUP_INIT;
        release(b);
        return;
    }
    int r = sg_cgroup_remove(b->native->setup->cgroups, &b->cgroup);
    if (r == -EBUSY && b->teardown_tries++ < TEARDOWN_TRIES) {
        sg_cgroup_kill(b->native->setup->cgroups, &b->cgroup);
        sg_loop_timer(b->native->loop, &b->teardown, TEARDOWN_RETRY_MS, on_teardown, b);
        return;
    }
    if (r < 0)
        sg_log(SG_LOG_ERR, "cgroup %s cannot be removed: %s", b->cgroup.name, strerror(-r));
    release(b);
}

static void close_all(struct sg_native_box *b)
{
    struct sg_loop *loop = b->native->loop;
    struct sg_watch *watches[] = {&b->control_watch, &b->out_watch, &b->err_watch, &b->clone_watch,
                                  &b->exit_watch};
    int *fds[] = {&b->control, &b->out,     &b->err,           &b->init_pidfd,
                  &b->clone,   &b->workdir, &b->program_pidfd, &b->denied};
    for (size_t i = 0; i < SG_ARRAY_LEN(watches); i++)
        sg_loop_unwatch(loop, watches[i]);
    for (size_t i = 0; i < SG_ARRAY_LEN(fds); i++)
        sg_fd_close(fds[i]);
}

/* The answer first: somebody waits for it, and for nothing of what follows. */
void sg_native_box_conclude(struct sg_native_box *b)
{
    struct sg_loop *loop = b->native->loop;
    b->concluded = true;
    sg_loop_timer_stop(loop, &b->deadline);
    sg_loop_timer_stop(loop, &b->cpu_timer);
    sg_loop_timer_stop(loop, &b->listen);
    if (b->run)
        answer(b);
    else
        sg_pool_lost(b);
    if (b->init > 0) /* it is about to end; nothing may keep it; we have not reaped it yet */
        kill(b->init, SIGKILL);
    close_all(b);
}

void sg_native_box_clear(struct sg_native_box *b)
{
    on_teardown(b);
}
