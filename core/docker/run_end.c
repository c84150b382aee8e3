/* The end of a run in a container: how it comes to it, and the answer. */
#include "core/docker/internal.h"

#include <stdio.h>
#include <string.h>

#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/base/time.h"

/* For sandgate-boot to end the run and to tell of it: no longer without a word than its longest
   work needs (core/sandbox/collect.h: two seconds of search), and for all of it less than a worker
   waits beyond the time limit. */
#define QUIET_MS  5000
#define ENDING_MS 20000
/* It has the container's share of CPU for that. One that takes so long may be about to need more.
 */
#define SLOW_MS 100

struct sg_runtime run_stage(const struct container *c)
{
    const struct sg_runtime *rt = &c->docker->runtimes->v[c->runtime];
    return c->stage == SG_JOB_COMPILE ? sg_runtime_compile_stage(rt) : *rt;
}

static void fill_isolation(struct sg_outcome *o, const struct container *c)
{
    const struct sg_box_event *e = &c->started_event;
    uint32_t all = (1u << SG_LAYER_COUNT) - 1;
    o->isolation = e->isolation;
    o->isolation.layers =
        (e->isolation.layers & SEEN_INSIDE & c->layers) | (c->layers & ~SEEN_INSIDE);
    o->isolation.missing = all & ~o->isolation.layers;
    o->isolation.uid_outside = c->boot.uid_outside; /* in its own namespace it sees no further */
    sg_str_copy(o->isolation.profile, sizeof o->isolation.profile, run_stage(c).profile);
}

/* That the rest of a stream has not come is told as it is of a rest that is not kept: more has been
   written than there is. How much more nobody knows. */
static void mark_cut(const struct container *c, struct sg_outcome *o)
{
    if (c->run->request.stream)
        return;
    o->out.total_bytes++;
    if (!c->run->request.merge_stderr)
        o->err.total_bytes++;
}

/* at_end: END has come. Else end is what is known without it. */
static void answer(struct container *c, const struct sg_boot_end *end, bool at_end)
{
    struct sg_outcome o = {.exit_code = -1};
    struct sg_error err = SG_ERROR_INIT;
    sg_autofd int out = sg_capture_memfd(&c->out, "stdout", &o.out);
    sg_autofd int errfd = sg_capture_memfd(&c->err, "stderr", &o.err);
    const struct sg_verdict_facts facts = {.limits = &c->limits_of_run,
                                           .end = end,
                                           .out_bytes = c->out.total,
                                           .err_bytes = c->err.total,
                                           .streamed = c->run->request.stream,
                                           .killed = c->killed,
                                           .reason = c->reason};
    c->answered = true;
    if (out < 0 || errfd < 0) {
        sg_error_set(&err, SG_E_INTERNAL, "no memory for the program's output");
        sg_run_failed(c->run, SG_REFUSAL_INTERNAL, &err);
        return;
    }
    verdict_fill(&o, &facts);
    if (!at_end && !end->drained)
        mark_cut(c, &o);
    fill_isolation(&o, c);
    o.timings.start = c->went_ahead ? SG_START_AHEAD : SG_START_COLD;
    verdict_timings(&o.timings, &(struct sg_verdict_times){.begun_us = c->begun_us,
                                                           .ended_us = c->ended_us,
                                                           .answered_us = sg_now_us(),
                                                           .wall_us = o.usage.wall_time_us});
    c->run->files_fd = files_take(c, at_end);
    o.product = product_take(c, end, &o);
    sg_run_finished(c->run, &o, out, errfd);
}

/* A run that has ended, or was ended by us, has an outcome, even where nobody could tell all of it.
 */
static void answer_so_far(struct container *c)
{
    struct sg_boot_end end = c->end;
    if (!c->ended) {
        c->ended_us = sg_now_us();
        end.wall_us = (uint64_t)(c->ended_us - c->begun_us);
    }
    answer(c, &end, false);
}

void run_failed(struct container *c)
{
    if (c->answered || !c->run)
        return;
    if (c->killed && c->started_event.kind) {
        answer_so_far(c);
        return;
    }
    c->answered = true;
    if (c->state == CONTAINER_RUNNING && c->started_event.kind && !c->refusal)
        c->failure.step[0] = '\0'; /* none of setting up: the run is lost */
    sg_run_failed(c->run, c->refusal ? c->refusal : SG_REFUSAL_LAYER, &c->failure);
}

/* ---- waiting for the end ---- */

static void on_grace(void *arg)
{
    struct container *c = arg;
    struct sg_error err = SG_ERROR_INIT;
    if (c->ended && !c->end.stopped && !c->answered)
        answer_so_far(c);
    sg_error_set(&err, SG_E_UNAVAILABLE, "the container did not end in time");
    container_fail(c, &err);
}

/* That it was not heard only makes it slower. */
static void on_lifted(void *arg, const struct sg_http_reply *r)
{
    struct container *c = arg;
    (void)r;
    c->call = NULL;
}

/* What is to do now is ours, and the program's share of CPU may be a hundredth. */
static void lift_quota(void *arg)
{
    struct container *c = arg;
    char path[160];
    if (c->call || c->limits.cpu_percent >= 100)
        return;
    snprintf(path, sizeof path, "/containers/%s/update", c->id);
    c->call = docker_call(c->docker, "POST", path, SG_CONTAINER_WHOLE_CPU, on_lifted, c);
}

void run_wait_on(struct container *c)
{
    int64_t now = sg_now_ms(), left;
    if (!c->ending_ms) {
        c->ending_ms = now;
        sg_loop_timer(c->docker->loop, &c->deadline, SLOW_MS, lift_quota, c);
    }
    left = c->ending_ms + ENDING_MS - now;
    left = left < QUIET_MS ? left : QUIET_MS;
    sg_loop_timer(c->docker->loop, &c->wall, left > 0 ? left : 0, on_grace, c);
}

void run_kill(struct container *c, enum sg_reason reason)
{
    if (c->killed)
        return;
    c->killed = true;
    c->reason = reason;
    run_wait_on(c);
    sg_http_stream_pause(c->stream, false); /* how it ended comes behind its output */
    if (c->stream)                          /* that it is broken may have been found just now */
        (void)sg_http_stream_write(c->stream, "k", 1); /* any byte: boot.h */
}

void run_cancel_container(void *engine, struct sg_run *run)
{
    struct container *c = run->engine_data;
    struct sg_error err = SG_ERROR_INIT;
    (void)engine;
    if (c->state == CONTAINER_RUNNING && c->started_event.kind) {
        run_kill(c, SG_REASON_CANCELLED);
        return;
    }
    sg_error_set(&err, SG_E_CANCELLED, "cancelled while the container was made");
    c->refusal = SG_REFUSAL_INTERNAL;
    container_fail(c, &err);
}

void run_ended(struct container *c, const struct sg_boot_end *so_far)
{
    if (!c->ended)
        c->ended_us = sg_now_us();
    c->ended = true;
    c->end = *so_far;
    run_wait_on(c);
    if (c->stream)
        sg_http_stream_pause(c->stream, false); /* as much as there is now may be held */
}

void run_end(struct container *c, const struct sg_boot_end *end)
{
    struct sg_error err = SG_ERROR_INIT;
    if (!c->ended)
        c->ended_us = sg_now_us();
    if (end->stopped && !c->killed) {
        sg_error_set(&err, SG_E_UNAVAILABLE, "the Engine stopped the container");
        sg_error_fix(&err, "it is restarted, or somebody has stopped the container by hand");
        container_fail(c, &err);
        return;
    }
    if (!c->started_event.kind) {
        bool memory = verdict_out_of_memory(&c->limits_of_run, end);
        c->refusal = memory ? SG_REFUSAL_PROGRAM : SG_REFUSAL_INTERNAL;
        sg_error_set(&err, SG_E_INTERNAL, "%s",
                     memory ? "the memory limit is too small to start the program"
                            : "the program's process ended before it was started");
        container_fail(c, &err);
        return;
    }
    answer(c, end, true);
    container_remove(c);
}
