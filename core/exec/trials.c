#include "core/exec/trials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"

#define PROBE_BYTES_MAX (1u << 20)

struct sg_trials {
    struct sg_server *server;
    struct sg_runtimes *runtimes;
    size_t at;
    bool all_passed;
    void (*done)(void *arg, bool all_passed);
    void *arg;
};

/* "version X" and "package NAME VERSION" lines of the runtime's probe. */
static void parse_probe(const char *text, struct sg_runtime *rt, struct sg_server_runtime *info)
{
    size_t used = 0;
    while (*text) {
        char line[256];
        size_t n = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)(n < sizeof line ? n : sizeof line - 1), text);
        text += n + (text[n] == '\n');
        if (sg_str_starts(line, "version "))
            sg_str_copy(rt->version, sizeof rt->version, line + strlen("version "));
        else if (sg_str_starts(line, "package ") && used + strlen(line) < sizeof info->packages)
            used += (size_t)snprintf(info->packages + used, sizeof info->packages - used, "%s\n",
                                     line + strlen("package "));
    }
}

static void judge(struct sg_runtime *rt, struct sg_server_runtime *info, const struct sg_outcome *o,
                  int out, int errfd)
{
    sg_auto(sg_buf) struct sg_buf text = {0}, diag = {0};
    const char *fault = sg_product_fault(o->product);
    rt->version[0] = '\0'; /* of an earlier trial */
    sg_fd_read_all(out, &text, PROBE_BYTES_MAX);
    sg_fd_read_all(errfd, &diag, PROBE_BYTES_MAX);
    if (text.data && o->reason == SG_REASON_EXITED && o->exit_code == 0)
        parse_probe(text.data, rt, info);
    info->ready = rt->version[0] != '\0';
    if (!info->ready)
        snprintf(info->reason, sizeof info->reason, "trial run of %s: %s%s%s, exit code %d: %.200s",
                 rt->language, fault ? "the compiler " : "", fault ? fault : "",
                 fault ? "" : sg_reason_name(o->reason), o->exit_code, diag.data ? diag.data : "");
}

static void next(struct sg_trials *t);
static void try_out(struct sg_trials *t, int product);

static void on_trial(void *arg, const struct sg_outcome *o, int out, int errfd, int product,
                     const struct sg_error *err)
{
    struct sg_trials *t = arg;
    struct sg_runtime *rt = &t->runtimes->v[t->at];
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
    if (t->at == t->runtimes->n)
        t->done(t->arg, t->all_passed);
    else
        try_out(t, -1);
}

int sg_trials_start(struct sg_server *s, struct sg_runtimes *runtimes, void (*done)(void *, bool),
                    void *arg, struct sg_trials **ret)
{
    struct sg_trials *t = calloc(1, sizeof *t);
    *ret = t;
    if (!t)
        return -ENOMEM;
    *t = (struct sg_trials){
        .server = s, .runtimes = runtimes, .all_passed = true, .done = done, .arg = arg};
    next(t);
    return 0;
}

void sg_trials_free(struct sg_trials *t)
{
    free(t);
}
