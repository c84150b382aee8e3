#include "core/docker/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/log.h"
#include "core/base/str.h"
#include "core/docker/outer.h"

#define RETRY_FIRST_MS 250
#define RETRY_MAX_MS   5000
#define SHUT_MS        8000

const struct sg_engine_ops sg_docker_ops = {
    .name = "docker",
    .start = run_start,
    .cancel = run_cancel_container,
    .count_boxes = docker_count_boxes,
};

/* What is known to go wrong, and what helps. */
static const struct {
    const char *in; /* of what libcurl or the Engine says */
    const char *fix;
} fixes[] = {
    {"Couldn't connect", "start the Docker Engine, or set docker.engine_socket to its socket"},
    {"Could not connect", "start the Docker Engine, or set docker.engine_socket to its socket"},
    {"Failed to connect", "start the Docker Engine, or set docker.engine_socket to its socket"},
    {"timed out",
     "the Engine is overloaded or hangs: look at its log; docker.call_ms is the deadline"},
    {"certificate", "check docker.tls_ca, docker.tls_cert and docker.tls_key"},
    {"no space left", "the Engine's disk is full: docker system prune, or give it more room"},
    {"No such image", "docker pull or docker build the image, or set docker.pull = on"},
    {"unknown or invalid runtime", "install the OCI runtime, or correct docker.oci_runtime"},
};

static const char *find_fix(const char *text)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(fixes); i++)
        if (strcasestr(text, fixes[i].in))
            return fixes[i].fix;
    return "see the Engine's log";
}

static uint64_t namespace_inode(const char *name)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "/proc/self/ns/%s", name);
    return stat(path, &st) == 0 ? st.st_ino : 0;
}

static int load_filter(const struct sg_docker *d, const char *profile, bool by_descriptor,
                       struct docker_filter *ret, struct sg_error *err)
{
    const char *dir = d->cfg->profile_dir;
    int r = sg_profile_load(&ret->profile, dir, profile,
                            by_descriptor ? SG_PROFILE_PRODUCT : SG_PROFILE_PROGRAM, err);
    if (r == 0)
        ret->outer = sg_outer_filter(dir, profile, by_descriptor, err);
    return ret->outer ? 0 : err->code;
}

static int load_filters(struct sg_docker *d, struct sg_error *err)
{
    for (size_t i = 0; i < d->runtimes->n; i++) {
        const struct sg_runtime *rt = &d->runtimes->v[i];
        struct docker_filter *filters = d->images[i].filters;
        bool compiled = rt->compile.n > 0;
        int r = load_filter(d, rt->profile, compiled, &filters[SG_JOB_RUN], err);
        if (r == 0 && compiled)
            r = load_filter(d, rt->compile_profile, false, &filters[SG_JOB_COMPILE], err);
        if (r < 0)
            return sg_error_wrap(err, "runtime %s", rt->language);
    }
    return 0;
}

struct sg_docker *sg_docker_new(struct sg_loop *loop, const struct sg_config *cfg,
                                struct sg_runtimes *runtimes, const struct sg_buf *boot,
                                struct sg_error *err)
{
    const struct sg_http_place place = {cfg->docker.engine_socket, cfg->docker.engine_url,
                                        cfg->docker.tls_ca, cfg->docker.tls_cert,
                                        cfg->docker.tls_key};
    struct sg_docker *d = calloc(1, sizeof *d);
    if (!d) {
        sg_error_set(err, -ENOMEM, "out of memory");
        return NULL;
    }
    *d = (struct sg_docker){.loop = loop,
                            .cfg = cfg,
                            .runtimes = runtimes,
                            .boot = boot,
                            .state = DOCKER_AWAY,
                            .retry_ms = RETRY_FIRST_MS};
    for (size_t i = 0; i < SG_PLAN_NS_COUNT; i++)
        d->host_ns[i] = namespace_inode(sg_plan_ns[i].name);
    sg_error_set(&d->down, SG_E_BUSY, "the executor is starting");
    d->http = sg_http_new(loop, &place, err);
    if (!d->http || load_filters(d, err) < 0) {
        sg_docker_free(d);
        return NULL;
    }
    return d;
}

void sg_docker_free(struct sg_docker *d)
{
    if (!d)
        return;
    while (d->containers)
        container_forget(d->containers);
    docker_close_open(d);
    image_job_free(d);
    sg_http_free(d->http);
    struct sg_timer *const timers[] = {&d->retry, &d->watch, &d->refill, &d->shut};
    for (size_t i = 0; i < SG_ARRAY_LEN(timers); i++)
        sg_loop_timer_stop(d->loop, timers[i]);
    for (size_t i = 0; i < SG_RUNTIMES_MAX; i++)
        for (size_t stage = 0; stage < DOCKER_STAGES; stage++) {
            sg_profile_done(&d->images[i].filters[stage].profile);
            free(d->images[i].filters[stage].outer);
        }
    sg_trials_free(d->trials);
    free(d);
}

static void on_retry(void *arg)
{
    docker_open(arg);
}

void sg_docker_open(struct sg_docker *d, struct sg_server *server)
{
    d->server = server;
    docker_open(d);
}

void docker_tell_unready(struct sg_docker *d, const struct sg_error *err)
{
    sg_autofree struct sg_server_runtime *info = calloc(1, sizeof *info);
    if (!info)
        return;
    snprintf(info->reason, sizeof info->reason, "%.230s%s%.140s", err->text,
             err->fix[0] ? "; fix: " : "", err->fix);
    for (size_t i = 0; i < d->runtimes->n; i++)
        sg_server_set_runtime(d->server, i, info);
}

/* Runs under way lose their container with it, or they are told by their stream that it goes on. */
void docker_away(struct sg_docker *d, const struct sg_error *err)
{
    if (d->shutting)
        return;
    bool known = d->state == DOCKER_AWAY && d->told_down;
    d->state = DOCKER_AWAY;
    d->down = *err;
    if (d->down.code == SG_E_BUSY)
        d->down.code = SG_E_UNAVAILABLE;
    if (!d->down.step[0])
        sg_str_copy(d->down.step, sizeof d->down.step, "docker_engine");
    sg_error_fix(&d->down, "%s", find_fix(d->down.text));
    if (!known)
        sg_log_error(SG_LOG_ERR, &d->down);
    d->told_down = true;
    docker_close_open(d);
    image_job_free(d);
    sg_loop_timer_stop(d->loop, &d->watch);
    docker_tell_unready(d, &d->down);
    sg_loop_timer(d->loop, &d->retry, d->retry_ms, on_retry, d);
    d->retry_ms = d->retry_ms * 2 < RETRY_MAX_MS ? d->retry_ms * 2 : RETRY_MAX_MS;
    struct container *next;
    for (struct container *c = d->containers; c; c = next) {
        next = c->next; /* failing forgets it */
        if (c->state != CONTAINER_RUNNING)
            container_fail(c, &d->down);
    }
}

struct sg_http_request *docker_call(struct sg_docker *d, const char *method, const char *path,
                                    const char *body,
                                    void (*done)(void *, const struct sg_http_reply *), void *arg)
{
    char at[512];
    const struct sg_http_call call = {.method = method,
                                      .path = at,
                                      .body = body,
                                      .n = body ? strlen(body) : 0,
                                      .timeout_ms = (int64_t)d->cfg->docker.call_ms,
                                      .most = REPLY_MAX,
                                      .done = done,
                                      .arg = arg};
    if (snprintf(at, sizeof at, "%s%s%s", d->api[0] ? "/" : "", d->api, path) >= (int)sizeof at)
        return NULL;
    return sg_http_start(d->http, &call);
}

int docker_check(struct sg_docker *d, const struct sg_http_reply *r, const char *step,
                 struct sg_error *err)
{
    char text[256] = "";
    (void)d;
    if ((r->status >= 200 && r->status < 300) || r->status == 304)
        return 0;
    if (r->status == 0) {
        sg_error_set(err, r->err.code, "the Docker Engine does not answer: %s", r->err.text);
    } else {
        sg_reply_message(text, sizeof text, r->body, r->n);
        sg_error_set(err, r->status == 404 ? -ENOENT : SG_E_UNAVAILABLE,
                     "the Docker Engine refuses (%ld): %s", r->status,
                     text[0] ? text : "no reason");
    }
    sg_str_copy(err->step, sizeof err->step, step);
    sg_error_fix(err, "%s", find_fix(err->text));
    return err->code;
}

/* ---- the end ---- */

static void on_shut(void *arg)
{
    struct sg_docker *d = arg;
    sg_loop_stop(d->loop);
}

static void look_whether_shut(void *arg)
{
    struct sg_docker *d = arg;
    if (!d->containers)
        sg_loop_stop(d->loop);
    else
        sg_loop_timer(d->loop, &d->watch, 5, look_whether_shut, d);
}

void sg_docker_shut(struct sg_docker *d)
{
    struct container *next;
    d->shutting = true;
    docker_close_open(d);
    image_job_free(d);
    struct sg_timer *const timers[] = {&d->retry, &d->watch, &d->refill};
    for (size_t i = 0; i < SG_ARRAY_LEN(timers); i++)
        sg_loop_timer_stop(d->loop, timers[i]);
    for (struct container *c = d->containers; c; c = next) {
        next = c->next;
        container_remove(c);
    }
    sg_loop_timer(d->loop, &d->shut, SHUT_MS, on_shut, d);
    look_whether_shut(d);
}
