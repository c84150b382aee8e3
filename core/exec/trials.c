#include "core/exec/trials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/exec/internal.h"
#include "core/ipc/payload.h"

#define PROBE_BYTES_MAX (1u << 20)
#define TRIAL_CLIENT    "(trial)"

struct sg_trials {
    struct sg_server *server;
    struct sg_runtimes *runtimes;
    size_t at;
    bool all_passed, only_failed;
    void (*done)(void *arg, bool all_passed);
    void *arg;
};

/* "version X" and "package NAME VERSION" lines of the runtime's probe. */
static void parse_probe(const char *text, char *version, size_t size,
                        struct sg_server_runtime *info)
{
    size_t used = 0;
    while (*text) {
        char line[256];
        size_t n = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)(n < sizeof line ? n : sizeof line - 1), text);
        text += n + (text[n] == '\n');
        if (sg_str_starts(line, "version "))
            sg_str_copy(version, size, line + strlen("version "));
        else if (sg_str_starts(line, "package ") && used + strlen(line) < sizeof info->packages)
            used += (size_t)snprintf(info->packages + used, sizeof info->packages - used, "%s\n",
                                     line + strlen("package "));
    }
}

/* What the last trial that passed has told stays, as what the runtime's file says does: a client
   that asks for that version is to try again, not to be told that there is none. */
static void judge(struct sg_runtime *rt, struct sg_server_runtime *info, const struct sg_outcome *o,
                  int out, int errfd)
{
    sg_auto(sg_buf) struct sg_buf text = {0}, diag = {0};
    const char *fault = sg_product_fault(o->product);
    char version[sizeof rt->version] = "";
    sg_fd_read_all(out, &text, PROBE_BYTES_MAX);
    sg_fd_read_all(errfd, &diag, PROBE_BYTES_MAX);
    if (text.data && o->reason == SG_REASON_EXITED && o->exit_code == 0)
        parse_probe(text.data, version, sizeof version, info);
    info->ready = version[0] != '\0';
    if (info->ready)
        sg_str_copy(rt->version, sizeof rt->version, version);
    if (!info->ready)
        snprintf(info->reason, sizeof info->reason, "trial run of %s: %s%s%s, exit code %d: %.200s",
                 rt->language, fault ? "the compiler " : "", fault ? fault : "",
                 fault ? "" : sg_reason_name(o->reason), o->exit_code, diag.data ? diag.data : "");
}

static int make_trial_payload(struct run *r, const char *source)
{
    sg_auto(sg_buf) struct sg_buf payload = {0};
    struct sg_job job = {.nfiles = 1}; /* strings are borrowed, hence no sg_job_done */
    job.files[0].path = r->pub.runtime->entry;
    job.files[0].content = (struct sg_bytes){(char *)source, strlen(source)};
    int rc = sg_payload_encode(&job, &payload);
    if (rc < 0)
        return rc;
    r->pub.payload_fd = sg_memfd_sealed("sandgate-payload", payload.data, payload.len);
    if (r->pub.payload_fd < 0)
        return r->pub.payload_fd;
    r->pub.stdin_fd = sg_memfd_sealed("sandgate-stdin", NULL, 0);
    return r->pub.stdin_fd < 0 ? r->pub.stdin_fd : 0;
}

int sg_server_trial(struct sg_server *s, const struct sg_runtime *rt, const char *source,
                    int product,
                    void (*done)(void *arg, const struct sg_outcome *outcome, int stdout_fd,
                                 int stderr_fd, int product_fd, const struct sg_error *err),
                    void *arg, struct sg_error *err)
{
    bool compiles = rt->compile.n > 0 && product < 0;
    struct sg_msg_run request = {.id = "trial", .client = TRIAL_CLIENT};
    if (s->draining)
        return sg_error_set(err, SG_E_UNAVAILABLE, "the executor is stopping");
    request.limits = compiles ? rt->compile_limits : s->cfg->limits_default;
    request.stage = compiles ? SG_JOB_COMPILE : SG_JOB_RUN;
    sg_str_copy(request.language, sizeof(request.language), rt->language);
    sg_output_none(&request.output);
    struct run *r = run_new(s, &request);
    if (!r)
        return sg_error_set(err, -ENOMEM, "out of memory");
    r->pub.runtime = rt;
    int rc = make_trial_payload(r, source);
    if (rc == 0 && product >= 0)
        rc = (r->pub.product_fd = fcntl(product, F_DUPFD_CLOEXEC, 0)) < 0 ? -errno : 0;
    if (rc == 0)
        rc = client_join(s, r);
    if (rc < 0) {
        run_forget(r);
        return sg_error_errno(err, -rc, "cannot make a trial run of %s", rt->language);
    }
    r->done = done;
    r->done_arg = arg;
    run_list_add(&s->queue, r);
    run_dispatch_soon(s);
    return 0;
}

static void next(struct sg_trials *t);
static void try_out(struct sg_trials *t, int product);

static void on_trial(void *arg, const struct sg_outcome *o, int out, int errfd, int product,
                     const struct sg_error *err)
{
    struct sg_trials *t = arg;
    struct sg_runtime *rt = &t->runtimes->v[t->at];
    if (t->server->draining) /* cancelled for that: it tells nothing of the language */
        return;
    if (product >= 0) { /* it is compiled */
        try_out(t, product);
        return;
    }
    sg_autofree struct sg_server_runtime *info = calloc(1, sizeof *info);
    if (info && o)
        judge(rt, info, o, out, errfd);
    else if (info)
        snprintf(info->reason, sizeof info->reason, "trial run of %s: %s%s%s", rt->language,
                 err->text, err->fix[0] ? "; fix: " : "", err->fix);
    if (info) {
        sg_server_set_runtime(t->server, t->at, info);
        if (!info->ready)
            sg_log(SG_LOG_ERR, "%s", info->reason);
    }
    t->all_passed = t->all_passed && info && info->ready;
    t->at++;
    next(t);
}

static void try_out(struct sg_trials *t, int product)
{
    struct sg_error err = SG_ERROR_INIT;
    struct sg_runtime *rt = &t->runtimes->v[t->at];
    if (sg_server_trial(t->server, rt, rt->probe, product, on_trial, t, &err) < 0)
        on_trial(t, NULL, -1, -1, -1, &err);
}

static void next(struct sg_trials *t)
{
    while (t->only_failed && t->at < t->runtimes->n && sg_server_runtime_ready(t->server, t->at))
        t->at++;
    if (t->at == t->runtimes->n)
        t->done(t->arg, t->all_passed);
    else
        try_out(t, -1);
}

int sg_trials_start(struct sg_server *s, struct sg_runtimes *runtimes, bool only_failed,
                    void (*done)(void *, bool), void *arg, struct sg_trials **ret)
{
    struct sg_trials *t = calloc(1, sizeof *t);
    *ret = t;
    if (!t)
        return -ENOMEM;
    *t = (struct sg_trials){.server = s,
                            .runtimes = runtimes,
                            .all_passed = true,
                            .only_failed = only_failed,
                            .done = done,
                            .arg = arg};
    next(t);
    return 0;
}

void sg_trials_free(struct sg_trials *t)
{
    free(t);
}
