/*
 * An image of ours, made of the one that a runtime's file names: it has sandgate-boot, the user
 * "sandbox", and places for what may be written. A container is created from the
 * image, never started, files are put into it, it is committed and removed. The name tells what it
 * was made of, so it is made once, and anew when the image or sandgate-boot changes.
 */
#include "core/docker/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/docker/tar.h"
#include "core/sandbox/python_files.h"

#define WATCH_MS  5000
#define PULL_MS   600000
#define COMMIT_MS 60000
#define DERIVED   "sandgate-run"

struct image_job {
    struct sg_docker *d;
    size_t runtime;
    struct sg_http_request *call;
    char base[SG_DOCKER_ID_MAX], container[SG_DOCKER_ID_MAX];
    char name[64]; /* of that container, from before it is created: the sweep leaves it */
    bool pulled;
    void (*done)(struct sg_docker *d);
};

static const char passwd[] =
    "root:x:0:0:root:/:/usr/sbin/nologin\nsandbox:x:1000:1000:sandbox:/work:/usr/sbin/nologin\n";
static const char group[] = "root:x:0:\nsandbox:x:1000:\n";
static const char nsswitch[] = "passwd: files\ngroup: files\nhosts: files\n";

/* By all that fill() puts into it. */
static void name_derived(struct sg_docker *d, struct docker_image *image, const char *base)
{
    uint64_t h = sg_hash(SG_HASH_START, base, strlen(base));
    h = sg_hash(h, d->boot->data, d->boot->len);
    h = sg_hash(h, passwd, sizeof passwd);
    h = sg_hash(h, group, sizeof group);
    h = sg_hash(h, nsswitch, sizeof nsswitch);
    for (size_t i = 0; i < SG_PYTHON_FILES; i++)
        h = sg_hash(h, sg_python_files[i].text, strlen(sg_python_files[i].text));
    snprintf(image->name, sizeof image->name, DERIVED ":%016" PRIx64, h);
}

bool image_job_has(const struct sg_docker *d, const char *name)
{
    return d->job && d->job->name[0] && strcmp(d->job->name, name) == 0;
}

void image_job_free(struct sg_docker *d)
{
    struct image_job *job = d->job;
    d->job = NULL;
    if (job && job->call)
        sg_http_cancel(job->call);
    free(job);
}

static void finish(struct image_job *job, const struct sg_error *err)
{
    struct sg_docker *d = job->d;
    struct docker_image *image = &d->images[job->runtime];
    void (*done)(struct sg_docker *) = job->done;
    if (err && err->code) {
        bool told = strcmp(image->err.text, err->text) == 0;
        image->err = *err;
        if (!image->err.step[0])
            sg_str_copy(image->err.step, sizeof image->err.step, "docker_image");
        image->derived[0] = '\0';
        if (!told)
            sg_log(SG_LOG_ERR, "runtime %s: image %s: %s%s%s",
                   d->runtimes->v[job->runtime].language, d->runtimes->v[job->runtime].image,
                   err->text, err->fix[0] ? "; fix: " : "", err->fix);
    } else {
        sg_error_clear(&image->err);
        sg_str_copy(image->base, sizeof image->base, job->base);
    }
    image_job_free(d);
    done(d);
}

/* The next call of the job, or its end. */
static void begin(struct image_job *job, const struct sg_http_call *call)
{
    struct sg_error err = SG_ERROR_INIT;
    job->call = sg_http_start(job->d->http, call);
    if (job->call)
        return;
    sg_error_set(&err, -ENOMEM, "out of memory");
    finish(job, &err);
}

static void go_on(struct image_job *job, const char *method, const char *path, const char *body,
                  void (*done)(void *, const struct sg_http_reply *))
{
    char whole[480];
    const struct sg_http_call call = {.method = method,
                                      .path = whole,
                                      .body = body,
                                      .n = body ? strlen(body) : 0,
                                      .timeout_ms = (int64_t)job->d->cfg->docker.call_ms,
                                      .most = REPLY_MAX,
                                      .done = done,
                                      .arg = job};
    snprintf(whole, sizeof whole, "/%s%s", job->d->api, path);
    begin(job, &call);
}

/* True when the call went well; else the job is over, or the Engine is away. */
static bool went_well(struct image_job *job, const struct sg_http_reply *r)
{
    struct sg_error err = SG_ERROR_INIT;
    job->call = NULL;
    if (docker_check(job->d, r, "docker_image", &err) == 0)
        return true;
    if (r->status == 0)
        docker_away(job->d, &err); /* frees the job */
    else
        finish(job, &err);
    return false;
}

/* ---- making it ---- */

static void on_removed(void *arg, const struct sg_http_reply *r)
{
    (void)arg;
    (void)r;
}

static void on_committed(void *arg, const struct sg_http_reply *r)
{
    struct image_job *job = arg;
    struct sg_docker *d = job->d;
    struct sg_error err = SG_ERROR_INIT;
    char path[160];
    /* Whatever came of it. Where this fails the next sweep removes it. */
    snprintf(path, sizeof path, "/containers/%s?force=1&v=1", job->container);
    (void)docker_call(d, "DELETE", path, NULL, on_removed, d);
    if (!went_well(job, r))
        return;
    if (sg_reply_id(d->images[job->runtime].derived, r->body, r->n, &err) == 0)
        sg_log(SG_LOG_NOTICE, "image %s is made of %s", d->images[job->runtime].name,
               d->runtimes->v[job->runtime].image);
    finish(job, &err);
}

static void on_filled(void *arg, const struct sg_http_reply *r)
{
    struct image_job *job = arg;
    struct sg_docker *d = job->d;
    char path[320], whole[400];
    if (!went_well(job, r))
        return;
    const char *name = d->images[job->runtime].name;
    const char *tag = strchr(name, ':') + 1;
    snprintf(path, sizeof path, "/commit?container=%s&repo=" DERIVED "&tag=%s&pause=0",
             job->container, tag);
    snprintf(whole, sizeof whole, "/%s%s", d->api, path);
    const struct sg_http_call call = {.method = "POST",
                                      .path = whole,
                                      .body = "{}",
                                      .n = 2,
                                      .timeout_ms = COMMIT_MS,
                                      .most = REPLY_MAX,
                                      .done = on_committed,
                                      .arg = job};
    begin(job, &call);
}

static int fill(struct sg_docker *d, struct sg_buf *tar)
{
    sg_tar_file(tar, &SG_BOOT_PATH[1], 0755, d->boot->data, d->boot->len);
    sg_tar_dir(tar, &SG_BOOT_TMP[1], 0755);
    sg_tar_dir(tar, &SG_BOX_WORKDIR[1], 0755);
    sg_tar_file(tar, "etc/passwd", 0644, passwd, sizeof passwd - 1);
    sg_tar_file(tar, "etc/group", 0644, group, sizeof group - 1);
    sg_tar_file(tar, "etc/nsswitch.conf", 0644, nsswitch, sizeof nsswitch - 1);
    sg_tar_dir(tar, SG_PYTHON_DIR, 0755);
    for (size_t i = 0; i < SG_PYTHON_FILES; i++) {
        char name[64];
        snprintf(name, sizeof name, SG_PYTHON_DIR "/%s", sg_python_files[i].name);
        sg_tar_file(tar, name, 0644, sg_python_files[i].text, strlen(sg_python_files[i].text));
    }
    sg_tar_end(tar);
    return tar->failed ? -ENOMEM : 0;
}

static void on_created(void *arg, const struct sg_http_reply *r)
{
    struct image_job *job = arg;
    struct sg_docker *d = job->d;
    struct sg_error err = SG_ERROR_INIT;
    sg_auto(sg_buf) struct sg_buf tar = {0};
    char path[256];
    if (!went_well(job, r))
        return;
    if (sg_reply_id(job->container, r->body, r->n, &err) < 0 || fill(d, &tar) < 0) {
        sg_error_set(&err, -ENOMEM, "out of memory");
        finish(job, &err);
        return;
    }
    snprintf(path, sizeof path, "/%s/containers/%s/archive?path=%%2F", d->api, job->container);
    const struct sg_http_call call = {.method = "PUT",
                                      .path = path,
                                      .body = tar.data,
                                      .n = tar.len,
                                      .type = "application/x-tar",
                                      .timeout_ms = COMMIT_MS,
                                      .most = REPLY_MAX,
                                      .done = on_filled,
                                      .arg = job};
    begin(job, &call);
}

static void make(struct image_job *job)
{
    struct sg_docker *d = job->d;
    sg_auto(sg_buf) struct sg_buf body = {0};
    char path[128];
    /* An id, a path and a name: nothing of them needs escaping. */
    sg_buf_printf(&body,
                  "{\"Image\":\"%s\",\"Entrypoint\":[\"" SG_BOOT_PATH
                  "\"],\"Cmd\":[],\"Labels\":{\"" SG_DOCKER_LABEL "\":\"%s\"},"
                  "\"HostConfig\":{\"NetworkMode\":\"none\"}}",
                  job->base, d->cfg->docker.instance);
    docker_name_container(d, job->name, sizeof job->name);
    snprintf(path, sizeof path, "/containers/create?name=%s", job->name);
    go_on(job, "POST", path, body.data, on_created);
}

/* ---- looking it up ---- */

static void on_derived(void *arg, const struct sg_http_reply *r)
{
    struct image_job *job = arg;
    struct sg_docker *d = job->d;
    struct sg_reply_image found;
    struct sg_error err = SG_ERROR_INIT;
    if (r->status == 404) {
        job->call = NULL;
        make(job);
        return;
    }
    if (!went_well(job, r))
        return;
    if (sg_reply_image(&found, r->body, r->n, &err) == 0)
        sg_str_copy(d->images[job->runtime].derived, SG_DOCKER_ID_MAX, found.id);
    finish(job, &err);
}

static void look_up(struct image_job *job);

/* The Engine answers 200 before it has begun; what goes wrong then is in the last line. */
static bool pull_failed(const struct sg_http_reply *r, struct sg_error *err)
{
    const char *text = (const char *)r->body, *line = text;
    size_t n = r->n;
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\n')
            line = text + i + 1;
    json_t *last = n > 0 ? json_loadb(line, (size_t)(text + n - line), 0, NULL) : NULL;
    const char *what = json_string_value(json_object_get(last, "error"));
    if (what)
        sg_error_set(err, SG_E_UNAVAILABLE, "the image cannot be pulled: %.200s", what);
    json_decref(last);
    return what != NULL;
}

static void on_pulled(void *arg, const struct sg_http_reply *r)
{
    struct image_job *job = arg;
    struct sg_error err = SG_ERROR_INIT;
    if (!went_well(job, r))
        return;
    if (pull_failed(r, &err)) {
        finish(job, &err);
        return;
    }
    job->pulled = true;
    look_up(job);
}

static void pull(struct image_job *job)
{
    struct sg_docker *d = job->d;
    const char *image = d->runtimes->v[job->runtime].image;
    const char *name = strrchr(image, '/');
    char path[400];
    snprintf(path, sizeof path, "/%s/images/create?fromImage=%s%s", d->api, image,
             strpbrk(name ? name : image, ":@") ? "" : "&tag=latest");
    const struct sg_http_call call = {.method = "POST",
                                      .path = path,
                                      .timeout_ms = PULL_MS,
                                      .most = 1u << 16,
                                      .progress = true,
                                      .done = on_pulled,
                                      .arg = job};
    sg_log(SG_LOG_NOTICE, "pulling %s", image);
    begin(job, &call);
}

#if defined __x86_64__
#define OUR_ARCH "amd64"
#elif defined __aarch64__
#define OUR_ARCH "arm64"
#else
#define OUR_ARCH ""
#endif

static void on_base(void *arg, const struct sg_http_reply *r)
{
    struct image_job *job = arg;
    struct sg_docker *d = job->d;
    struct docker_image *image = &d->images[job->runtime];
    struct sg_reply_image found;
    struct sg_error err = SG_ERROR_INIT;
    char path[256];
    if (r->status == 404 && d->cfg->docker.pull && !job->pulled) {
        pull(job);
        return;
    }
    if (!went_well(job, r))
        return;
    if (sg_reply_image(&found, r->body, r->n, &err) == 0 &&
        (strcmp(found.os, "linux") != 0 || (OUR_ARCH[0] && strcmp(found.arch, OUR_ARCH) != 0))) {
        sg_error_set(&err, SG_E_UNAVAILABLE,
                     "it is for %s on %s, and sandgate-boot for linux on %s", found.os, found.arch,
                     OUR_ARCH);
        sg_error_fix(&err, "use an image for this machine's architecture");
    } else if (!err.code && found.volumes) {
        sg_error_set(&err, SG_E_UNAVAILABLE,
                     "it has volumes, in which a program could write without limit");
        sg_error_fix(&err, "use an image without VOLUME");
    }
    if (err.code) {
        finish(job, &err);
        return;
    }
    sg_str_copy(job->base, sizeof job->base, found.id);
    name_derived(d, image, found.id);
    snprintf(path, sizeof path, "/images/%s/json", image->name);
    go_on(job, "GET", path, NULL, on_derived);
}

static void look_up(struct image_job *job)
{
    char path[400];
    snprintf(path, sizeof path, "/images/%s/json", job->d->runtimes->v[job->runtime].image);
    go_on(job, "GET", path, NULL, on_base);
}

void image_prepare(struct sg_docker *d, size_t runtime, void (*done)(struct sg_docker *))
{
    struct sg_error err = SG_ERROR_INIT;
    struct image_job *job = calloc(1, sizeof *job);
    if (!job) {
        sg_error_set(&err, -ENOMEM, "out of memory");
        docker_away(d, &err);
        return;
    }
    *job = (struct image_job){.d = d, .runtime = runtime, .done = done};
    d->job = job;
    look_up(job);
}

/* ---- now and then ---- */

static void on_watch(void *arg);

static void checked(struct sg_docker *d)
{
    pool_drop_stale(d);
    if (d->image_at < d->runtimes->n)
        image_prepare(d, d->image_at++, checked);
    else {
        docker_try_images(d);
        image_watch(d);
    }
}

static void on_watch(void *arg)
{
    struct sg_docker *d = arg;
    d->image_at = 0;
    if (d->state == DOCKER_UP && d->runtimes->n > 0)
        image_prepare(d, d->image_at++, checked);
}

void image_watch(struct sg_docker *d)
{
    sg_loop_timer(d->loop, &d->watch, WATCH_MS, on_watch, d);
}
