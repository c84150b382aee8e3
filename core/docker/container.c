/* The life of one container: created, attached to, started, checked, used once, removed. */
#include "core/docker/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/time.h"

#define SETUP_MS        20000
#define REMOVE_AGAIN_MS 500
#define REMOVE_TRIES    10
#define POOL_PAUSE_MS   3000

static const struct sg_http_stream_ops stream_ops;

void container_forget(struct container *c)
{
    struct sg_docker *d = c->docker;
    struct sg_run *run = c->run;
    if (c->prev)
        c->prev->next = c->next;
    else
        d->containers = c->next;
    if (c->next)
        c->next->prev = c->prev;
    d->ncontainers--;
    if (c->call)
        sg_http_cancel(c->call);
    if (c->stream)
        sg_http_stream_close(c->stream);
    sg_loop_timer_stop(d->loop, &c->deadline);
    sg_loop_timer_stop(d->loop, &c->wall);
    sg_capture_done(&c->out);
    sg_capture_done(&c->err);
    sg_fd_close(&c->files);
    free(c);
    if (run)
        sg_run_released(run);
    pool_refill_soon(d);
}

/* ---- removing ---- */

static void on_remove_again(void *arg);

static void on_removed(void *arg, const struct sg_http_reply *r)
{
    struct container *c = arg;
    struct sg_error err = SG_ERROR_INIT;
    c->call = NULL;
    bool gone = docker_check(c->docker, r, "docker_remove", &err) == 0 || r->status == 404;
    /* An Engine that is away is swept when it is back. */
    if (!gone && c->docker->state == DOCKER_UP && c->remove_tries++ < REMOVE_TRIES) {
        sg_loop_timer(c->docker->loop, &c->deadline, REMOVE_AGAIN_MS, on_remove_again, c);
        return;
    }
    if (!gone)
        sg_log_error(SG_LOG_WARNING, &err);
    container_forget(c);
}

static void on_remove_again(void *arg)
{
    struct container *c = arg;
    char path[160];
    snprintf(path, sizeof path, "/containers/%s?force=1&v=1", c->id);
    c->call = docker_call(c->docker, "DELETE", path, NULL, on_removed, c);
    if (!c->call) /* not forgotten here: whoever called may still use it */
        sg_loop_timer(c->docker->loop, &c->deadline, REMOVE_AGAIN_MS, on_remove_again, c);
}

/* What was asked of the Engine before is not waited for, save for the creation: its answer is the
   only one that tells the id. */
void container_remove(struct container *c)
{
    if (c->state == CONTAINER_REMOVING)
        return;
    bool creating = c->state == CONTAINER_CREATING && c->call;
    c->state = CONTAINER_REMOVING;
    sg_loop_timer_stop(c->docker->loop, &c->deadline);
    sg_loop_timer_stop(c->docker->loop, &c->wall);
    if (c->stream)
        sg_http_stream_close(c->stream);
    c->stream = NULL;
    if (creating)
        return;
    if (c->call)
        sg_http_cancel(c->call);
    c->call = NULL;
    if (c->id[0])
        on_remove_again(c);
    else
        container_forget(c);
}

static void note_ahead_failure(struct container *c)
{
    if (++c->docker->images[c->runtime].ahead_failures == AHEAD_FAILURES_MAX)
        sg_log(SG_LOG_WARNING,
               "runtime %s: its interpreter cannot be started before its program; runs start cold",
               c->docker->runtimes->v[c->runtime].language);
}

void container_fail(struct container *c, const struct sg_error *err)
{
    if (c->state == CONTAINER_REMOVING)
        return;
    if (!c->failure.code)
        c->failure = *err;
    if (!c->failure.step[0])
        sg_str_copy(c->failure.step, sizeof c->failure.step, "docker_engine");
    sg_error_fix(&c->failure, "see the Engine's log");
    if (c->run)
        run_failed(c);
    else if (!c->docker->shutting)
        sg_log(SG_LOG_WARNING, "a container that should wait: %s", c->failure.text);
    if (!c->run)
        c->docker->pool_pause_ms = sg_now_ms() + POOL_PAUSE_MS;
    if (c->preparing && c->docker->state == DOCKER_UP)
        note_ahead_failure(c);
    container_remove(c);
}

/* ---- setting up ---- */

static bool call(struct container *c, const char *method, const char *path, const char *body,
                 void (*done)(void *, const struct sg_http_reply *))
{
    struct sg_error err = SG_ERROR_INIT;
    c->call = docker_call(c->docker, method, path, body, done, c);
    if (c->call)
        return true;
    sg_error_set(&err, -ENOMEM, "out of memory");
    container_fail(c, &err);
    return false;
}

/* Once sandgate-boot waits and the Engine's word is good. */
static void look_whether_ready(struct container *c)
{
    if (!c->ready || c->call || c->state != CONTAINER_STARTING || !c->layers)
        return;
    if (!c->run && !c->preparing &&
        c->docker->images[c->runtime].ahead_failures < AHEAD_FAILURES_MAX &&
        strcmp(c->docker->runtimes->v[c->runtime].start, "ahead") == 0)
        run_prepare(c);
    if (c->state != CONTAINER_STARTING || (c->preparing && !c->interpreter))
        return;
    if (c->interpreter)
        c->docker->images[c->runtime].ahead_failures = 0;
    c->preparing = false;
    sg_loop_timer_stop(c->docker->loop, &c->deadline);
    c->state = CONTAINER_WAITING;
    if (c->run)
        run_go(c);
    else if (!pool_wants(c))
        container_remove(c);
}

/* The interpreter that waits, or shall. */
static int take_event(struct container *c, const struct sg_box_event *e, struct sg_error *err)
{
    if (e->kind == SG_BOX_STARTED)
        c->started_event = *e;
    else if (e->kind == SG_BOX_WAITING && c->started_event.kind)
        c->interpreter = true;
    else
        return sg_error_set(err, SG_E_LAYER, "%s: %s", sg_step_name(e->step),
                            e->text[0] ? e->text : "the interpreter does not wait");
    return 0;
}

static void on_inspected(void *arg, const struct sg_http_reply *r)
{
    struct container *c = arg;
    struct sg_docker *d = c->docker;
    struct sg_reply_container seen;
    struct sg_error err = SG_ERROR_INIT;
    c->call = NULL;
    if (docker_check(d, r, "docker_inspect", &err) == 0 &&
        sg_reply_container(&seen, r->body, r->n, &err) == 0)
        sg_container_check(&seen, d->cfg, c->base, &c->limits, &err);
    if (err.code) {
        sg_str_copy(err.step, sizeof err.step, "docker_inspect");
        container_fail(c, &err);
        return;
    }
    c->layers = sg_container_layers(&seen, &d->info);
    look_whether_ready(c);
}

static void on_deadline(void *arg);

static void on_started(void *arg, const struct sg_http_reply *r)
{
    struct container *c = arg;
    struct sg_error err = SG_ERROR_INIT;
    char path[160];
    c->call = NULL;
    if (docker_check(c->docker, r, "docker_start", &err) < 0) {
        container_fail(c, &err);
        return;
    }
    /* It runs: sandgate-boot's word is as far away as any other answer. */
    if (!c->ready)
        sg_loop_timer(c->docker->loop, &c->deadline, (int64_t)c->docker->cfg->docker.call_ms,
                      on_deadline, c);
    snprintf(path, sizeof path, "/containers/%s/json", c->id);
    call(c, "GET", path, NULL, on_inspected);
}

static void on_opened(void *arg)
{
    struct container *c = arg;
    char path[160];
    c->state = CONTAINER_STARTING;
    snprintf(path, sizeof path, "/containers/%s/start", c->id);
    call(c, "POST", path, "", on_started);
}

static void on_created(void *arg, const struct sg_http_reply *r)
{
    struct container *c = arg;
    struct sg_docker *d = c->docker;
    struct sg_error err = SG_ERROR_INIT;
    char path[200];
    c->call = NULL;
    if (docker_check(d, r, "docker_create", &err) == 0)
        sg_reply_id(c->id, r->body, r->n, &err);
    if (!c->id[0] && r->status < 400) /* it may be there, or come later */
        docker_sweep_soon(d);
    if (c->state == CONTAINER_REMOVING) { /* nobody wants it any more */
        if (c->id[0])
            on_remove_again(c);
        else
            container_forget(c);
        return;
    }
    if (err.code) {
        container_fail(c, &err); /* may be the end of it */
        if (r->status == 0)
            docker_away(d, &err);
        return;
    }
    c->state = CONTAINER_ATTACHING;
    snprintf(path, sizeof path, "/%s/containers/%s/attach?stream=1&stdin=1&stdout=1&stderr=1",
             d->api, c->id);
    c->stream = sg_http_stream_open(d->http, path, (int64_t)d->cfg->docker.call_ms, &stream_ops, c);
    if (!c->stream) {
        sg_error_set(&err, -ENOMEM, "out of memory");
        container_fail(c, &err);
    }
}

/* ---- its words ---- */

static int on_frame(void *arg, enum sg_boot_kind kind, const void *data, size_t n,
                    struct sg_error *err)
{
    struct container *c = arg;
    if (c->state == CONTAINER_RUNNING)
        return run_frame(c, kind, data, n, err);
    if (c->preparing && kind == SG_BOOT_EVENT)
        return take_event(c, data, err);
    if (c->ready || kind != SG_BOOT_READY)
        return sg_error_set(err, SG_E_PROTOCOL, "the container speaks before it is asked");
    memcpy(&c->boot, data, sizeof c->boot);
    c->ready = true;
    return 0;
}

static int on_stream(void *arg, enum sg_stream_kind stream, const char *data, size_t n,
                     struct sg_error *err)
{
    struct container *c = arg;
    if (c->state == CONTAINER_REMOVING)
        return 0;
    if (stream == SG_STREAM_OUT)
        return sg_boot_frames_feed(&c->boot_frames, data, n, err);
    size_t used = strlen(c->said);
    size_t room = sizeof c->said - 1 - used;
    memcpy(c->said + used, data, n < room ? n : room);
    c->said[used + (n < room ? n : room)] = '\0';
    return 0;
}

static void on_bytes(void *arg, const char *data, size_t n)
{
    struct container *c = arg;
    struct sg_error err = SG_ERROR_INIT;
    if (sg_frames_feed(&c->frames, data, n, &err) < 0) {
        sg_str_copy(err.step, sizeof err.step, "docker_attach");
        container_fail(c, &err);
        return;
    }
    look_whether_ready(c);
}

static void on_closed(void *arg, const struct sg_error *err)
{
    struct container *c = arg;
    struct sg_error why = *err;
    for (char *p = c->said; *p; p++)
        if (*p == '\n')
            *p = ' ';
    if (!why.code || c->said[0]) {
        sg_error_clear(&why);
        sg_error_set(&why, SG_E_UNAVAILABLE, "the container ended%s%s", c->said[0] ? ": " : "",
                     c->said);
    }
    sg_str_copy(why.step, sizeof why.step, "docker_attach");
    sg_error_fix(&why, "see the Engine's log");
    container_fail(c, &why);
}

static const struct sg_http_stream_ops stream_ops = {on_opened, on_bytes, on_closed};

static void on_deadline(void *arg)
{
    struct container *c = arg;
    struct sg_error err = SG_ERROR_INIT;
    sg_error_set(&err, -ETIMEDOUT, "the container was not ready in time");
    sg_str_copy(err.step, sizeof err.step, "docker_start");
    sg_error_fix(&err, "the Engine is overloaded or hangs: see its log");
    container_fail(c, &err);
}

void docker_name_container(struct sg_docker *d, char *ret, size_t size)
{
    snprintf(ret, size, "sandgate-%ld-%" PRIx64 "-%u", (long)getpid(), (uint64_t)sg_now_us(),
             d->named++);
}

struct container *container_new(struct sg_docker *d, size_t runtime, enum sg_job_stage stage,
                                const struct sg_container_limits *l)
{
    const struct docker_image *image = &d->images[runtime];
    struct container *c = calloc(1, sizeof *c);
    char path[128];
    sg_autofree char *body =
        sg_container_create(d->cfg, image->derived, image->filters[stage].outer, l);
    if (!c || !body) {
        free(c);
        return NULL;
    }
    *c = (struct container){.docker = d,
                            .runtime = runtime,
                            .stage = stage,
                            .limits = *l,
                            .files = -1,
                            .born_ms = sg_now_ms()};
    sg_str_copy(c->base, sizeof c->base, image->derived);
    docker_name_container(d, c->name, sizeof c->name);
    snprintf(path, sizeof path, "/containers/create?name=%s", c->name);
    sg_frames_init(&c->frames, on_stream, c);
    sg_boot_frames_init(&c->boot_frames, on_frame, c);
    c->call = docker_call(d, "POST", path, body, on_created, c);
    if (!c->call) {
        free(c);
        return NULL;
    }
    c->next = d->containers;
    if (c->next)
        c->next->prev = c;
    d->containers = c;
    d->ncontainers++;
    sg_loop_timer(d->loop, &c->deadline, SETUP_MS, on_deadline, c);
    return c;
}
