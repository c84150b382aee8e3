/* What has our label at the Engine and nobody knows any more. */
#include "core/docker/internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/log.h"

#define SOON_MS 1000
#define MOST_MS 60000

static void finish(struct sg_docker *d)
{
    void (*done)(struct sg_docker *) = d->sweep.done;
    d->sweep.done = NULL;
    if (done)
        done(d);
}

static void on_swept(void *arg, const struct sg_http_reply *r)
{
    struct sg_docker *d = arg;
    struct sg_error err = SG_ERROR_INIT;
    if (d->sweep.removing > 0) /* 0: of a sweep before the Engine was away */
        d->sweep.removing--;
    if (docker_check(d, r, "docker_sweep", &err) < 0 && r->status != 404 && r->status != 409)
        sg_log_error(SG_LOG_WARNING, &err);
    if (d->sweep.removing == 0)
        finish(d);
}

/* One that is being created has its name only. */
static bool is_known(const struct sg_docker *d, const char *id, const char *name)
{
    for (const struct container *c = d->containers; c; c = c->next)
        if (strcmp(c->id, id) == 0 || strcmp(c->name, name) == 0)
            return true;
    return image_job_has(d, name);
}

static void sweep_one(void *arg, const char *id, const char *name)
{
    struct sg_docker *d = arg;
    char path[160];
    if (is_known(d, id, name))
        return;
    snprintf(path, sizeof path, "/containers/%s?force=1&v=1", id);
    if (docker_call(d, "DELETE", path, NULL, on_swept, d))
        d->sweep.removing++;
}

static void on_list(void *arg, const struct sg_http_reply *r)
{
    struct sg_docker *d = arg;
    struct sg_error err = SG_ERROR_INIT;
    d->sweep.list = NULL;
    unsigned before = d->sweep.removing;
    if (docker_check(d, r, "docker_sweep", &err) < 0 ||
        sg_reply_list(r->body, r->n, sweep_one, d, &err) < 0) {
        docker_away(d, &err);
        return;
    }
    if (d->sweep.removing > before)
        sg_log(SG_LOG_NOTICE, "removing %u containers that nobody knows any more",
               d->sweep.removing - before);
    if (d->sweep.removing == 0)
        finish(d);
}

void docker_sweep(struct sg_docker *d, void (*done)(struct sg_docker *))
{
    struct sg_error err = SG_ERROR_INIT;
    char path[256];
    snprintf(path, sizeof path,
             "/containers/json?all=1&filters=%%7B%%22label%%22%%3A%%5B%%22" SG_DOCKER_LABEL
             "%%3D%s%%22%%5D%%7D",
             d->cfg->docker.instance);
    d->sweep.done = done;
    d->sweep.list = docker_call(d, "GET", path, NULL, on_list, d);
    if (d->sweep.list)
        return;
    sg_error_set(&err, -ENOMEM, "out of memory");
    docker_away(d, &err);
}

static void on_time(void *arg)
{
    struct sg_docker *d = arg;
    int64_t next = d->sweep.again_ms * 2;
    d->sweep.again_ms = next < MOST_MS ? next : MOST_MS;
    sg_loop_timer(d->loop, &d->sweep.timer, d->sweep.again_ms, on_time, d);
    if (!d->sweep.list)
        docker_sweep(d, NULL);
}

void docker_sweep_soon(struct sg_docker *d)
{
    if (d->state != DOCKER_UP) /* when it is, it comes here */
        return;
    d->sweep.again_ms = SOON_MS;
    sg_loop_timer(d->loop, &d->sweep.timer, SOON_MS, on_time, d);
}

void docker_sweep_stop(struct sg_docker *d)
{
    sg_loop_timer_stop(d->loop, &d->sweep.timer);
    if (d->sweep.list)
        sg_http_cancel(d->sweep.list);
    d->sweep = (struct docker_sweep){0};
}
