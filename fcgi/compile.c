/* compile.c: see compile.h */
#include "fcgi/compile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/answer.h"

/* The executor goes by those of the runtime whose version is asked for, which it alone knows; here
   they bound how long it is waited for and how much is read: the largest of the language's. */
static struct sg_limits most_limits(const struct sg_runtimes *rts, const char *language)
{
    struct sg_limits most = {0};
    for (size_t i = 0; i < rts->n; i++) {
        struct sg_limits limits = rts->v[i].compile_limits;
        if (strcmp(rts->v[i].language, language) != 0 || rts->v[i].compile.n == 0)
            continue;
        for (size_t k = 0; k < sg_limit_count; k++) {
            uint64_t *have = sg_limit_at(&most, &sg_limit_table[k]);
            uint64_t one = *sg_limit_at(&limits, &sg_limit_table[k]);
            *have = *have > one ? *have : one;
        }
    }
    return most;
}

/* What a compilation has of the job: its files, and who asks. Arguments, environment and input are
   the program's. */
static void make_job(const struct sg_runtimes *rts, const struct sg_job *job, struct sg_job *ret)
{
    *ret = (struct sg_job){.limits = most_limits(rts, job->language),
                           .engine = job->engine,
                           .stage = SG_JOB_COMPILE,
                           .trace_denied_syscalls = job->trace_denied_syscalls,
                           .nfiles = job->nfiles};
    memcpy(ret->id, job->id, sizeof ret->id);
    memcpy(ret->language, job->language, sizeof ret->language);
    memcpy(ret->version, job->version, sizeof ret->version);
    memcpy(ret->client, job->client, sizeof ret->client);
    memcpy(ret->files, job->files, sizeof ret->files); /* borrowed: no sg_job_done */
}

int sg_compile(struct sg_link *l, struct sg_runtimes *rts, struct sg_job *job,
               struct sg_transport *t, struct sg_live *live, struct sg_compiled *ret,
               struct sg_error *err)
{
    const struct sg_runtime *rt = sg_runtimes_find(rts, job->language);
    struct sg_job stage;
    if (!rt || rt->compile.n == 0)
        return 0;
    ret->needed = true;
    make_job(rts, job, &stage);
    int rc = sg_link_run_live(l, &stage, t, live, INT64_MAX, &ret->result, err);
    if (rc < 0 || ret->result.end != SG_RUN_RESULT)
        return rc;
    rc = sg_run_output_map(&ret->kept, &ret->result, stage.limits.output_bytes);
    if (rc < 0)
        return sg_error_errno(err, -rc, "the compiler's output cannot be read");
    job->has_product = ret->result.product_fd >= 0;
    job->product_fd = ret->result.product_fd;
    return 0;
}

bool sg_compiled_goes_on(const struct sg_compiled *c)
{
    return !c->needed || (c->result.end == SG_RUN_RESULT && c->result.product_fd >= 0 &&
                          sg_answer_success(&c->result.outcome));
}

bool sg_compiled_failed(const struct sg_compiled *c)
{
    return c->needed && c->result.end == SG_RUN_RESULT && !sg_compiled_goes_on(c);
}

const struct sg_timings *sg_compiled_timings(const struct sg_compiled *c)
{
    bool ended = c && c->needed && c->result.end == SG_RUN_RESULT;
    return ended ? &c->result.outcome.timings : NULL;
}

void sg_compiled_error(const struct sg_compiled *c, char *ret, size_t n)
{
    static const char program[] = "The program"; /* so begin the sentences about one */
    const char *fault = sg_product_fault((enum sg_product)c->result.outcome.product);
    char text[256];
    if (!sg_answer_error(&c->result.outcome, text, sizeof text))
        snprintf(ret, n, "The code was not compiled: the compiler %s.",
                 fault ? fault : "left no program");
    else if (sg_str_starts(text, program))
        snprintf(ret, n, "The code was not compiled: the compiler%s", text + strlen(program));
    else
        snprintf(ret, n, "The code was not compiled: %s", text);
}

void sg_compiled_done(struct sg_compiled *c)
{
    if (c->result.end == SG_RUN_RESULT)
        sg_run_output_done(&c->kept);
    sg_run_result_done(&c->result);
}
