/* run_cases.c: see run_cases.h */
#include "fcgi/run_cases.h"

#include "core/base/cleanup.h"
#include "core/base/time.h"
#include "fcgi/answer.h"
#include "fcgi/hints.h"

/* Of a run that was cancelled: had its program begun? Nothing holds one that never did. */
static bool had_begun(const struct sg_run_result *run)
{
    return run->end == SG_RUN_RESULT && run->outcome.isolation.layers != 0;
}

static void judge(struct sg_case_result *r, const struct sg_cases *cases, const struct sg_case *c)
{
    const struct sg_stream_info *out = &r->outcome->out;
    size_t line;
    if (!sg_answer_success(r->outcome))
        return;
    if (!c->compared)
        r->passed = true;
    else if (out->total_bytes == out->kept_bytes) /* of what was cut nobody knows */
        r->passed = sg_case_matches(cases->compare, &c->expected, r->out.data, r->out.n, &r->line);
    r->only_space = r->line > 0 &&
                    sg_case_matches(SG_COMPARE_TRIMMED, &c->expected, r->out.data, r->out.n, &line);
}

static int tell_run(const struct sg_case_loop *loop, size_t index, const struct sg_run_result *run,
                    bool *ret_passed, struct sg_error *err)
{
    const struct sg_cases *cases = loop->job->cases;
    sg_auto(sg_run_output) struct sg_run_output kept = {0};
    int rc = sg_run_output_map(&kept, run, loop->job->limits.output_bytes);
    if (rc < 0)
        return sg_error_set(err, rc, "the executor's output cannot be read: %s", sg_code_name(rc));
    struct sg_outcome outcome = run->outcome;
    bool late = run->late && outcome.reason == SG_REASON_CANCELLED;
    if (late)
        outcome.limit = cases->wall_time_ms;
    struct sg_case_result r = {
        .end = SG_CASE_RAN, .late = late, .outcome = &outcome, .out = kept.out, .err = kept.err};
    judge(&r, cases, &cases->v[index]);
    loop->tell(loop->arg, index, &r);
    *ret_passed = r.passed;
    return 0;
}

/* *end: how this case ended, which is how all that follow end where it is not SG_CASE_RAN. */
static int run_case(struct sg_link *l, const struct sg_case_loop *loop, size_t index,
                    int64_t until_ms, enum sg_case_end *end, struct sg_run_result *ret,
                    struct sg_error *err)
{
    const struct sg_cases *cases = loop->job->cases;
    struct sg_job one = sg_case_job(loop->job, &cases->v[index]);
    bool passed = false;
    one.plain = sg_hints_plain(&one, loop->runtimes);
    int rc = sg_link_run_live(l, &one, loop->transport, loop->live, until_ms, ret, err);
    if (rc < 0 || ret->end == SG_RUN_GONE)
        return rc;
    if (ret->late && !had_begun(ret)) {
        *end = SG_CASE_SKIPPED_TIME;
        loop->tell(loop->arg, index, &(struct sg_case_result){.end = *end});
        ret->end = SG_RUN_RESULT; /* or it was refused because it was cancelled */
        return 0;
    }
    if (ret->end == SG_RUN_REFUSED)
        return 0;
    rc = tell_run(loop, index, ret, &passed, err);
    if (!passed && cases->stop_on_failure)
        *end = SG_CASE_SKIPPED_FAILURE;
    return rc;
}

int sg_cases_run(struct sg_link *l, const struct sg_case_loop *loop, struct sg_run_result *ret,
                 size_t *ret_at, struct sg_error *err)
{
    const struct sg_cases *cases = loop->job->cases;
    int64_t until_ms = sg_now_ms() + (int64_t)cases->wall_time_ms;
    enum sg_case_end end = SG_CASE_RAN;
    int rc = 0;
    *ret_at = 0;
    for (size_t i = 0; i < cases->n && rc == 0 && ret->end == SG_RUN_RESULT; i++) {
        if (end == SG_CASE_RAN && sg_now_ms() >= until_ms)
            end = SG_CASE_SKIPPED_TIME;
        if (end != SG_CASE_RAN) {
            loop->tell(loop->arg, i, &(struct sg_case_result){.end = end});
            continue;
        }
        *ret_at = i;
        sg_run_result_done(ret);
        *ret = (struct sg_run_result)SG_RUN_RESULT_INIT;
        rc = run_case(l, loop, i, until_ms, &end, ret, err);
    }
    return rc;
}
