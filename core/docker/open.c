/* From an Engine that answers to one that can be used: version, abilities, what was left, images,
   trial runs. */
#include "core/docker/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/str.h"

#define API_MAJOR     1
#define API_MINOR_MIN 41 /* the first with CgroupnsMode */
#define API_MINOR     41 /* what we speak, where the Engine does */
/* Until what failed is tried again, then ever longer: it may be for good. */
#define TRIAL_FIRST_MS 5000
#define TRIAL_MAX_MS   60000

static void step(struct sg_docker *d, const char *path,
                 void (*done)(void *, const struct sg_http_reply *))
{
    struct sg_error err = SG_ERROR_INIT;
    d->opening = docker_call(d, "GET", path, NULL, done, d);
    if (d->opening)
        return;
    sg_error_set(&err, -ENOMEM, "out of memory");
    docker_away(d, &err);
}

void docker_close_open(struct sg_docker *d)
{
    if (d->opening)
        sg_http_cancel(d->opening);
    d->opening = NULL;
    docker_sweep_stop(d);
}

/* ---- trial runs, at the end ---- */

static void begin_trials(struct sg_docker *d, bool only_failed);

static void on_trials_again(void *arg)
{
    begin_trials(arg, true);
}

static void try_later(struct sg_docker *d)
{
    sg_loop_timer(d->loop, &d->retry, d->trial_ms, on_trials_again, d);
    d->trial_ms = d->trial_ms * 2 < TRIAL_MAX_MS ? d->trial_ms * 2 : TRIAL_MAX_MS;
}

static void on_trials(void *arg, bool all_passed)
{
    struct sg_docker *d = arg;
    sg_trials_free(d->trials);
    d->trials = NULL;
    if (d->state != DOCKER_UP)
        docker_tell_unready(d, &d->down);
    else if (all_passed)
        sg_log(SG_LOG_NOTICE, "ready");
    if (d->state == DOCKER_UP && d->trials_again)
        begin_trials(d, false);
    else if (d->state == DOCKER_UP && !all_passed)
        try_later(d);
    pool_refill_soon(d);
}

static void begin_trials(struct sg_docker *d, bool only_failed)
{
    d->trials_again = d->trials != NULL;
    if (!only_failed)
        d->trial_ms = TRIAL_FIRST_MS;
    if (d->trials || d->runtimes->n == 0)
        return;
    for (size_t i = 0; !only_failed && i < d->runtimes->n; i++)
        memcpy(d->images[i].tried, d->images[i].derived, sizeof d->images[i].tried);
    if (sg_trials_start(d->server, d->runtimes, only_failed, on_trials, d, &d->trials) < 0)
        try_later(d);
}

void docker_try_images(struct sg_docker *d)
{
    for (size_t i = 0; i < d->runtimes->n; i++)
        if (strcmp(d->images[i].tried, d->images[i].derived) != 0) {
            begin_trials(d, false);
            return;
        }
}

/* ---- images ---- */

static void next_image(struct sg_docker *d)
{
    if (d->image_at < d->runtimes->n) {
        image_prepare(d, d->image_at++, next_image);
        return;
    }
    d->state = DOCKER_UP;
    d->told_down = false;
    d->retry_ms = 250;
    for (size_t i = 0; i < d->runtimes->n; i++)
        d->images[i].ahead_failures = 0;
    image_watch(d);
    docker_sweep_soon(d);
    begin_trials(d, false);
}

static void prepare_images(struct sg_docker *d)
{
    d->image_at = 0;
    next_image(d);
}

/* ---- the Engine ---- */

static void on_info(void *arg, const struct sg_http_reply *r)
{
    struct sg_docker *d = arg;
    struct sg_error err = SG_ERROR_INIT;
    d->opening = NULL;
    if (docker_check(d, r, "docker_info", &err) < 0 ||
        sg_reply_info(&d->info, r->body, r->n, &err) < 0) {
        docker_away(d, &err);
        return;
    }
    docker_sweep(d, prepare_images);
}

static int minor_of(const char *api)
{
    int major, minor;
    return sscanf(api, "%d.%d", &major, &minor) == 2 && major == API_MAJOR ? minor : -1;
}

/* The oldest that has all we need, or what the Engine has at least. */
static int choose_api(struct sg_docker *d, const struct sg_reply_version *v, struct sg_error *err)
{
    int newest = minor_of(v->api), oldest = minor_of(v->api_min);
    if (newest < API_MINOR_MIN) {
        sg_error_set(err, SG_E_UNAVAILABLE,
                     "the Engine is too old: its API is %s, version 1.%d is needed", v->api,
                     API_MINOR_MIN);
        sg_str_copy(err->step, sizeof err->step, "docker_version");
        sg_error_fix(err, "install Docker 20.10 or newer, or a Podman that has that API");
        return err->code;
    }
    snprintf(d->api, sizeof d->api, "v%d.%d", API_MAJOR, oldest > API_MINOR ? oldest : API_MINOR);
    sg_str_copy(d->arch, sizeof d->arch, v->arch);
    return 0;
}

static void on_version(void *arg, const struct sg_http_reply *r)
{
    struct sg_docker *d = arg;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_reply_version v;
    d->opening = NULL;
    if (docker_check(d, r, "docker_engine", &err) < 0 ||
        sg_reply_version(&v, r->body, r->n, &err) < 0 || choose_api(d, &v, &err) < 0) {
        docker_away(d, &err);
        return;
    }
    if (d->told_down || !d->images[0].base[0])
        sg_log(SG_LOG_NOTICE, "Engine %s, API %s", v.engine, d->api);
    step(d, "/info", on_info);
}

/* libcurl only says that it could not connect. */
static bool may_use_socket(struct sg_docker *d, struct sg_error *err)
{
    const char *path = d->cfg->docker.engine_socket;
    if (d->cfg->docker.engine_url[0] || access(path, R_OK | W_OK) == 0 || errno != EACCES)
        return true;
    sg_error_errno(err, EACCES, "%s", path);
    sg_str_copy(err->step, sizeof err->step, "docker_engine");
    sg_error_fix(err, "let sandgate-docker's user into the socket's group (often `docker`); that "
                      "equals root: see docs/DOCKER.md");
    return false;
}

void docker_open(struct sg_docker *d)
{
    struct sg_error err = SG_ERROR_INIT;
    d->state = DOCKER_OPENING;
    d->api[0] = '\0';
    if (may_use_socket(d, &err))
        step(d, "/version", on_version);
    else
        docker_away(d, &err);
}
