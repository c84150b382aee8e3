/* A run in a container: the order, the streams, deadlines, the answer. */
#include "core/docker/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/time.h"

#define START_MS 15000

static uint32_t required(const struct container *c)
{
    uint32_t absent = c->docker->cfg->docker.allow_missing;
    if (run_stage(c).may_execute)
        absent |= SG_LAYER_BIT(SG_LAYER_ONE_EXEC);
    return ((1u << SG_LAYER_COUNT) - 1) & ~absent;
}

/* ---- the start ---- */

int run_start(void *engine, struct sg_run *run, struct sg_error *err)
{
    struct sg_docker *d = engine;
    size_t i = (size_t)(run->runtime - d->runtimes->v);
    const struct sg_container_limits l = sg_container_limits_of(&run->request.limits);
    if (d->state != DOCKER_UP) {
        *err = d->down;
        return err->code;
    }
    if (!d->images[i].derived[0]) {
        *err = d->images[i].err;
        return sg_error_set(err, SG_E_UNAVAILABLE, "there is no image");
    }
    if (product_prepare(run, err) < 0)
        return err->code;
    enum sg_job_stage stage = run->request.stage;
    struct container *c = pool_take(d, i, stage, &l);
    int64_t now = sg_now_us();
    if (!c)
        c = container_new(d, i, stage, &l);
    if (!c)
        return sg_error_set(err, -ENOMEM, "out of memory");
    c->run = run;
    c->begun_us = now;
    c->limits_of_run = run->request.limits;
    sg_run_capture(run, &c->out, &c->err);
    run->engine_data = c;
    if (c->state == CONTAINER_WAITING)
        run_go(c);
    return 0;
}

static bool has_access_row(const struct sg_program_plan *p, const char *path)
{
    for (uint32_t i = 0; i < p->naccess; i++)
        if (strcmp(p->access[i].path, path) == 0)
            return true;
    return false;
}

/* RLIMIT_NPROC counts all processes of a user, whatever its container: the cgroup bounds them. */
static void fit_rlimits(struct sg_program_plan *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->nrlimits; i++)
        if (p->rlimits[i].resource != RLIMIT_NPROC)
            p->rlimits[n++] = p->rlimits[i];
    p->nrlimits = n;
}

/* The Engine's /dev has terminals and queues, its /proc the whole kernel's files: of both only what
   a box of our own has. The program's process opens /proc/self itself, so it is that of the
   program. */
static void fit_access(struct sg_program_plan *p)
{
    static const char *const narrowed[] = {"/dev", "/proc", "/sbin"};
    static const struct sg_plan_access instead[] = {
        {"/dev/null", SG_ACCESS_DEVICE},    {"/dev/zero", SG_ACCESS_DEVICE},
        {"/dev/full", SG_ACCESS_DEVICE},    {"/dev/random", SG_ACCESS_DEVICE},
        {"/dev/urandom", SG_ACCESS_DEVICE}, {"/proc/self", SG_ACCESS_READ},
        {"/opt", SG_ACCESS_EXECUTE},
    };
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->naccess; i++) {
        bool goes = false;
        for (size_t k = 0; k < SG_ARRAY_LEN(narrowed); k++)
            goes = goes || strcmp(p->access[i].path, narrowed[k]) == 0;
        if (!goes)
            p->access[n++] = p->access[i];
    }
    p->naccess = n;
    for (size_t i = 0; i < SG_ARRAY_LEN(instead) && p->naccess < SG_PLAN_ACCESS; i++)
        if (!has_access_row(p, instead[i].path))
            p->access[p->naccess++] = instead[i];
}

/* Into out: the order's head and plan, of a run or of an interpreter that shall wait. */
static int put_plan(struct container *c, struct sg_boot_order *order,
                    const struct sg_limits *limits, struct sg_buf *out, struct sg_error *err)
{
    static struct sg_program_plan plan;
    struct sg_docker *d = c->docker;
    const struct sg_profile *profile = &d->images[c->runtime].filters[c->stage].profile;
    const struct sg_runtime stage = run_stage(c);
    const struct sg_plan_facts facts = {.two_ids = true,
                                        .landlock_abi = 1,
                                        .cgroup_layers = c->layers,
                                        .filter = profile->filter,
                                        .nfilter = profile->nfilter};
    int r = sg_program_plan_build(&plan, d->cfg, &stage, limits, &facts, err);
    if (r < 0)
        return r;
    fit_rlimits(&plan);
    fit_access(&plan);
    plan.required = required(c) & SEEN_INSIDE;
    order->plan_size = sizeof plan;
    order->required = plan.required;
    sg_buf_append(out, order, sizeof *order);
    sg_buf_append(out, &plan, sizeof plan);
    return 0;
}

/* Soft and hard limits of the interpreter that waits can be lowered, as native_warm.c does. */
static void lower_limits(const struct container *c, struct sg_boot_order *order)
{
    const struct sg_limits *l = &c->limits_of_run;
    const struct sg_plan_rlimit rows[] = {{RLIMIT_FSIZE, l->file_bytes},
                                          {RLIMIT_CPU, sg_plan_cpu_seconds(l)}};
    _Static_assert(sizeof rows <= sizeof order->lower, "room for them");
    memcpy(order->lower, rows, sizeof rows);
    order->nlower = SG_ARRAY_LEN(rows);
}

/* Can the interpreter that waits take it as any other would? */
static bool fits(const struct container *c)
{
    const struct sg_limits *l = &c->limits_of_run, *dflt = &c->docker->cfg->limits_default;
    return c->interpreter && c->run->request.plain && !c->run->request.merge_stderr &&
           l->file_bytes <= dflt->file_bytes && l->cpu_time_ms <= dflt->cpu_time_ms;
}

static int put_memfd(struct sg_buf *out, int fd, size_t most, struct sg_error *err)
{
    const char *data;
    size_t n;
    int r = sg_memfd_map(fd, most, &data, &n);
    if (r < 0)
        return sg_error_errno(err, -r, "mapping what the worker sent");
    sg_buf_append(out, data, n);
    if (n > 0)
        munmap((void *)(uintptr_t)data, n);
    return 0;
}

/* What is executed comes last; of a compiler nothing does. */
static bool has_product(const struct container *c)
{
    return c->stage == SG_JOB_RUN && c->run->product_fd >= 0;
}

static int build_order(struct container *c, struct sg_buf *out, struct sg_error *err)
{
    ssize_t payload = sg_memfd_check(c->run->payload_fd, SG_PAYLOAD_BYTES_MAX);
    ssize_t input = sg_memfd_check(c->run->stdin_fd, SG_STDIN_BYTES_MAX);
    ssize_t product = has_product(c) ? sg_memfd_check(c->run->product_fd, SG_PRODUCT_BYTES_MAX) : 0;
    if (payload < 0 || input < 0 || product < 0)
        return sg_error_set(err, SG_E_INTERNAL, "what the worker sent has changed");
    struct sg_boot_order order = {.magic = SG_BOOT_MAGIC,
                                  .kind = fits(c) ? SG_BOOT_ORDER_GO : SG_BOOT_ORDER_RUN,
                                  .payload_size = (uint32_t)payload,
                                  .stdin_size = (uint32_t)input,
                                  .product_size = (uint32_t)product,
                                  .merge_stderr = c->run->request.merge_stderr,
                                  .cpu_time_ms = c->limits_of_run.cpu_time_ms,
                                  .cpu_percent = c->limits_of_run.cpu_percent,
                                  .output = c->run->request.output,
                                  .output_limits = c->docker->cfg->output};
    memcpy(order.host_ns, c->docker->host_ns, sizeof order.host_ns);
    c->went_ahead = order.kind == SG_BOOT_ORDER_GO;
    int r = 0;
    if (c->went_ahead) {
        lower_limits(c, &order);
        sg_buf_append(out, &order, sizeof order);
    } else {
        r = put_plan(c, &order, &c->limits_of_run, out, err);
    }
    if (r == 0)
        r = put_memfd(out, c->run->payload_fd, SG_PAYLOAD_BYTES_MAX, err);
    if (r == 0)
        r = put_memfd(out, c->run->stdin_fd, SG_STDIN_BYTES_MAX, err);
    if (r == 0 && has_product(c))
        r = put_memfd(out, c->run->product_fd, SG_PRODUCT_BYTES_MAX, err);
    return r == 0 && out->failed ? sg_error_set(err, -ENOMEM, "out of memory") : r;
}

static void on_wall(void *arg)
{
    struct container *c = arg;
    struct sg_error err = SG_ERROR_INIT;
    if (c->started_event.kind) {
        run_kill(c, SG_REASON_WALL_TIME);
        return;
    }
    sg_error_set(&err, -ETIMEDOUT, "the program was not started within %d s", START_MS / 1000);
    sg_str_copy(err.step, sizeof err.step, "docker_order");
    container_fail(c, &err);
}

/* What the Engine's word must give and does not. */
static int check_layers(struct container *c, struct sg_error *err)
{
    uint32_t absent = required(c) & ~SEEN_INSIDE & ~c->layers;
    absent |= required(c) & SEEN_INSIDE & ~c->layers;
    for (int i = 0; i < SG_LAYER_COUNT; i++)
        if (absent & SG_LAYER_BIT(i)) {
            sg_error_set(err, SG_E_LAYER, "the Engine does not give the layer %s",
                         sg_layer_name(i));
            sg_str_copy(err->step, sizeof err->step, "docker_inspect");
            sg_error_fix(err,
                         "let the Engine's kernel give it, or name it in docker.allow_missing");
            return err->code;
        }
    return 0;
}

/* On failure the container fails, and is not made again so. */
void run_prepare(struct container *c)
{
    struct sg_error err = SG_ERROR_INIT;
    sg_auto(sg_buf) struct sg_buf out = {0};
    struct sg_boot_order order = {.magic = SG_BOOT_MAGIC, .kind = SG_BOOT_ORDER_AHEAD};
    memcpy(order.host_ns, c->docker->host_ns, sizeof order.host_ns);
    if (check_layers(c, &err) == 0 &&
        put_plan(c, &order, &c->docker->cfg->limits_default, &out, &err) == 0) {
        c->preparing = true;
        if (!out.failed && sg_http_stream_write(c->stream, out.data, out.len) == 0)
            return;
        sg_error_set(&err, -ENOMEM, "out of memory");
    }
    container_fail(c, &err);
}

void run_go(struct container *c)
{
    struct sg_error err = SG_ERROR_INIT;
    sg_auto(sg_buf) struct sg_buf order = {0};
    if (check_layers(c, &err) == 0 && build_order(c, &order, &err) == 0) {
        c->state = CONTAINER_RUNNING;
        c->end = (struct sg_boot_end)SG_BOOT_END_UNKNOWN;
        if (!c->went_ahead)
            c->started_event.kind = 0; /* of an interpreter that is ended now */
        sg_loop_timer(c->docker->loop, &c->wall,
                      c->went_ahead ? (int64_t)c->limits_of_run.wall_time_ms : START_MS, on_wall,
                      c);
        if (sg_http_stream_write(c->stream, order.data, order.len) == 0) {
            if (c->went_ahead)
                sg_run_started(c->run);
            sg_fd_close(&c->run->payload_fd);
            sg_fd_close(&c->run->stdin_fd);
            if (has_product(c))
                sg_fd_close(&c->run->product_fd);
            return;
        }
        sg_error_set(&err, -ENOMEM, "out of memory");
    }
    container_fail(c, &err);
}

/* ---- its frames ---- */

static int out_of_turn(struct sg_error *err)
{
    return sg_error_set(err, SG_E_PROTOCOL, "the container speaks out of turn");
}

static bool is_clients_fault(const struct sg_box_event *e)
{
    static const int faults[] = {ENOSPC, EEXIST, ENOTDIR, EISDIR, ENAMETOOLONG, EDQUOT, 0};
    for (size_t i = 0; i < SG_ARRAY_LEN(faults) && e->step == SG_STEP_FILES; i++)
        if (faults[i] == e->errnum)
            return true;
    return false;
}

/* The program starts once, and its time limit runs from then; or something has failed. */
static int take_event(struct container *c, const struct sg_box_event *e, struct sg_error *err)
{
    if (e->kind == SG_BOX_STARTED && !c->started_event.kind && !c->ending_ms && c->run) {
        c->started_event = *e;
        sg_loop_timer(c->docker->loop, &c->wall, (int64_t)c->limits_of_run.wall_time_ms, on_wall,
                      c);
        sg_run_started(c->run);
        return 0;
    }
    if (e->kind != SG_BOX_FAILED)
        return out_of_turn(err);
    struct sg_error why = SG_ERROR_INIT;
    if (e->errnum)
        sg_error_errno(&why, e->errnum, "%s", e->text);
    else
        sg_error_set(&why, SG_E_LAYER, "%s", e->text);
    sg_str_copy(why.step, sizeof why.step, sg_step_name(e->step));
    sg_error_fix(&why, "%s", sg_step_fix(e->step));
    c->refusal = is_clients_fault(e) ? SG_REFUSAL_PROGRAM : SG_REFUSAL_LAYER;
    container_fail(c, &why);
    return 0;
}

/* The reader of a streamed run has room again. */
static void on_room(void *arg)
{
    struct container *c = arg;
    if (c->state == CONTAINER_RUNNING)
        sg_http_stream_pause(c->stream, false);
}

/* Not read any further, until there is room; but of a run that has ended, or shall, all that is
   still on its way, which is as much as the Engine's and the kernel's buffers hold. */
static void look_for_room(struct container *c)
{
    if (!sg_relay_is_full(&c->run->relay) || c->ending_ms)
        return;
    sg_relay_on_room(&c->run->relay, on_room, c);
    sg_http_stream_pause(c->stream, true);
}

static int take_output(struct container *c, struct sg_capture *to, const void *data, size_t n,
                       struct sg_error *err)
{
    if (sg_capture_add(to, data, n) < 0)
        return sg_error_set(err, -ENOMEM, "no memory for the program's output");
    if (to->total > SG_OUTPUT_HARD_BYTES)
        run_kill(c, SG_REASON_OUTPUT);
    look_for_room(c);
    return 0;
}

int run_frame(struct container *c, enum sg_boot_kind kind, const void *data, size_t n,
              struct sg_error *err)
{
    if (c->ending_ms)
        run_wait_on(c);
    switch (kind) {
    case SG_BOOT_EVENT:
        return take_event(c, data, err);
    case SG_BOOT_OUT:
        return take_output(c, &c->out, data, n, err);
    case SG_BOOT_ERR:
        return take_output(c, &c->err, data, n, err);
    case SG_BOOT_FILES_AT:
    case SG_BOOT_FILES:
    case SG_BOOT_FILES_END:
        return files_frame(c, kind, data, n, err);
    case SG_BOOT_PRODUCT:
        return product_frame(c, data, n, err);
    case SG_BOOT_ENDED:
        if (!c->started_event.kind)
            return out_of_turn(err);
        run_ended(c, data);
        return 0;
    case SG_BOOT_END:
        run_end(c, data);
        return 0;
    default:
        return out_of_turn(err);
    }
}
