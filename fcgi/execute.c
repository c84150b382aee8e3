/* execute.c: POST /v1/execute: body -> job -> risk score -> executor -> answer; POST /v1/validate:
   the score alone. */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "fcgi/answer.h"
#include "fcgi/answer_cases.h"
#include "fcgi/compile.h"
#include "fcgi/events.h"
#include "fcgi/hints.h"
#include "fcgi/metrics.h"
#include "fcgi/report.h"
#include "fcgi/request.h"
#include "fcgi/route.h"
#include "fcgi/run_cases.h"
#include "fcgi/sarif.h"

/* A job, what was found in its code (NULL when nobody looked), and what came of compiling it. */
struct scored_job {
    struct sg_job *job;
    const struct sg_verdict *verdict;
    const struct sg_compiled *compiled;
    struct sg_events *events; /* of the answer; NULL: it is one document */
};

/* Reads the body. 0, or SG_E_INVALID with the problem. */
static int parse(struct sg_exchange *x, bool score_only, struct sg_job *job,
                 struct sg_screen *screen)
{
    struct sg_request_rules rules = {.runtimes = x->service->runtimes,
                                     .location = &x->location,
                                     .scoring = x->service->scoring,
                                     .score_only = score_only};
    int rc = sg_request_parse(x->request_body.data, x->request_body.len, &rules, job, screen,
                              &x->problem);
    sg_buf_done(&x->request_body); /* the job holds copies: do not keep both during the run */
    sg_str_copy(x->job_id, sizeof x->job_id, job->id);
    return rc;
}

/* 0, or a negative code with the problem. */
static int score(struct sg_exchange *x, const struct sg_job *job, const struct sg_screen *screen,
                 struct sg_verdict *ret)
{
    struct sg_error err = SG_ERROR_INIT;
    int rc = sg_scoring_apply(x->service->scoring, screen, job, ret, &err);
    if (rc < 0) {
        sg_exchange_log_error(x, &err);
        sg_problem_set(&x->problem, SG_PROBLEM_INTERNAL, "the code could not be scored");
        return rc;
    }
    x->risk = (int)ret->score;
    sg_metrics_validation(x->service->metrics, screen->language, ret);
    return 0;
}

/* An execution is over that began then. Before its answer is sent, so that who has that finds it
   counted. outcome is NULL where nothing ran, or nobody waits any more for what did. */
static void count_since(struct sg_exchange *x, const struct scored_job *s,
                        const struct sg_outcome *outcome, int64_t since_us)
{
    sg_metrics_execution(
        x->service->metrics,
        &(struct sg_execution){.language = s->job->language,
                               .engine = s->job->engine,
                               .verdict = s->verdict,
                               .outcome = outcome,
                               .compile = sg_compiled_timings(s->compiled),
                               .not_compiled = s->compiled && sg_compiled_failed(s->compiled),
                               .total_us = sg_now_us() - since_us});
}

static void count(struct sg_exchange *x, const struct scored_job *s,
                  const struct sg_outcome *outcome)
{
    count_since(x, s, outcome, x->began_us);
}

/* timings: of what ran; NULL: nothing did. */
static void tell_timings(struct sg_exchange *x, const struct scored_job *s,
                         const struct sg_timings *timings)
{
    sg_auto(sg_buf) struct sg_buf value = {0};
    if (sg_answer_server_timing(&value, s->verdict, sg_compiled_timings(s->compiled), timings) ==
            0 &&
        value.len > 0)
        sg_exchange_header(x, "Server-Timing", value.data);
}

/* Who ignores SIGXFSZ, as Python and Node do, may have lost what does not fit without a word: the
   size of what it left tells. */
static void mark_full_file(struct sg_outcome *o, const struct sg_files *files)
{
    if (files && files->head.full)
        o->limits_hit |= SG_HIT_FILE_SIZE;
}

static void answer_result(struct sg_exchange *x, const struct scored_job *s,
                          const struct sg_run_result *r)
{
    const struct sg_job *job = s->job;
    sg_auto(sg_run_output) struct sg_run_output kept = {0};
    int rc = job->stream ? sg_run_output_map_files(&kept, r)
                         : sg_run_output_map(&kept, r, job->limits.output_bytes);
    if (rc < 0) {
        sg_log(SG_LOG_ERR, "request=%s the executor's output cannot be read: %s", x->request_id,
               sg_code_name(rc));
        sg_problem_set(&x->problem, SG_PROBLEM_INTERNAL, "the run's output could not be read");
        return;
    }
    struct sg_outcome outcome = r->outcome;
    mark_full_file(&outcome, sg_run_output_files(&kept));
    struct sg_answer a = {.id = job->id,
                          .outcome = &outcome,
                          .out = kept.out,
                          .err = kept.err,
                          .files = sg_run_output_files(&kept),
                          .verdict = s->verdict,
                          .job = job,
                          .compiled = s->compiled,
                          .streamed = job->stream};
    x->outcome = sg_reason_name((enum sg_reason)r->outcome.reason);
    count(x, s, &r->outcome);
    if (s->events) {
        a.out = a.err = sg_events_complaints(s->events);
        sg_events_files(s->events, a.files);
    }
    sg_answer_write(&x->body, &a);
    tell_timings(x, s, &r->outcome.timings);
}

static void answer_refusal(struct sg_exchange *x, const struct sg_job *job,
                           const struct sg_msg_refused *r)
{
    sg_problem_from_refusal(&x->problem, r);
    if (x->problem.id == SG_PROBLEM_UNKNOWN_RUNTIME)
        sg_problem_field(&x->problem, job->version[0] ? "/version" : "/language", "%s", r->text);
    if (sg_problem_table[x->problem.id].status >= 500 && x->problem.id != SG_PROBLEM_BUSY)
        sg_log(SG_LOG_WARNING, "request=%s refused by the executor: %s%s%s%s%s", x->request_id,
               r->step, r->step[0] ? ": " : "", r->text, r->fix[0] ? "; fix: " : "", r->fix);
}

static void answer_failure(struct sg_exchange *x, int rc, const struct sg_error *err)
{
    bool lost = rc == SG_E_CANCELLED;
    sg_exchange_log_error(x, err);
    if (rc == SG_E_UNAVAILABLE || lost) {
        sg_problem_set(&x->problem,
                       lost ? SG_PROBLEM_EXECUTOR_LOST : SG_PROBLEM_EXECUTOR_UNREACHABLE,
                       lost ? "the executor went away; nothing of the run is left"
                            : "the executor cannot be reached; nothing was run");
        x->problem.retry_after_s = 1;
    } else {
        sg_problem_set(&x->problem, SG_PROBLEM_INTERNAL, "the run could not be made");
    }
}

/* Of a run or compilation that began then, and did not end with SG_RUN_RESULT, or failed (rc). */
static void answer_no_result(struct sg_exchange *x, const struct scored_job *s, int64_t since_us,
                             int rc, const struct sg_run_result *r, const struct sg_error *err)
{
    if (rc < 0) {
        answer_failure(x, rc, err);
    } else if (r->end == SG_RUN_GONE) {
        x->status = SG_CLIENT_CLOSED_REQUEST;
        x->outcome = sg_reason_name(SG_REASON_CANCELLED);
        count_since(x, s, NULL, since_us);
    } else {
        answer_refusal(x, s->job, &r->refused);
    }
}

static void answer_cases(struct sg_exchange *x, const struct scored_job *s,
                         struct sg_cases_answer *a)
{
    bool ran = a->passed + a->failed > 0;
    x->outcome = sg_cases_answer_success(a) ? "tests_passed" : "tests_failed";
    sg_cases_answer_write(&x->body, a, s->verdict);
    tell_timings(x, s, ran ? &a->timings : NULL);
}

struct counted_cases {
    struct sg_exchange *x;
    struct scored_job rest; /* its code was scored and compiled once: that is the first case's */
    struct sg_cases_answer *answer;
    int64_t since_us; /* the end of the case before */
};

/* An sg_case_fn: each case that ran is an execution. */
static void add_case(void *arg, size_t index, const struct sg_case_result *r)
{
    struct counted_cases *c = arg;
    if (r->outcome) {
        count_since(c->x, &c->rest, r->outcome, c->since_us);
        c->rest.verdict = NULL;
        c->rest.compiled = NULL;
        c->since_us = sg_now_us();
    }
    sg_cases_answer_add(c->answer, index, r);
}

/* Runs one after the other; what goes wrong with one of them is the problem of them all. */
static void run_cases(struct sg_exchange *x, const struct scored_job *s)
{
    sg_auto(sg_cases_answer) struct sg_cases_answer a = {0};
    sg_auto(sg_run_result) struct sg_run_result r = SG_RUN_RESULT_INIT;
    const struct sg_job *job = s->job;
    struct sg_link *link = sg_service_link(x->service, job->engine);
    struct sg_error err = SG_ERROR_INIT;
    size_t at;
    sg_cases_answer_begin(&a, job);
    a.compiled = s->compiled;
    struct counted_cases counted = {x, *s, &a, x->began_us};
    struct sg_live live = SG_LIVE_INIT(&sg_events_live_ops, s->events, x->transport);
    struct sg_case_loop loop = {job,      x->service->runtimes,    x->transport, add_case,
                                &counted, s->events ? &live : NULL};
    int rc = sg_cases_run(link, &loop, &r, &at, &err);
    if (rc == 0 && r.end == SG_RUN_RESULT)
        answer_cases(x, s, &a);
    else /* one that is away now was there before: something has run */
        answer_no_result(x, &counted.rest, counted.since_us,
                         rc == SG_E_UNAVAILABLE && at > 0 ? SG_E_CANCELLED : rc, &r, &err);
    if (sg_problem_is_set(&x->problem) && at > 0)
        sg_problem_add(&x->problem, "; that was at test %zu of %zu, and none of them is answered",
                       at + 1, job->cases->n);
}

static void answer_not_compiled(struct sg_exchange *x, const struct scored_job *s)
{
    struct sg_answer a = {.id = s->job->id,
                          .verdict = s->verdict,
                          .job = s->job,
                          .compiled = s->compiled,
                          .streamed = s->job->stream};
    x->outcome = "not_compiled";
    count(x, s, &s->compiled->result.outcome);
    sg_answer_write_not_compiled(&x->body, &a);
    tell_timings(x, s, NULL);
}

static void run(struct sg_exchange *x, const struct scored_job *s)
{
    struct sg_job *job = s->job;
    struct sg_run_result r = SG_RUN_RESULT_INIT;
    struct sg_error err = SG_ERROR_INIT;
    sg_hints_fill(job, x->service->runtimes, s->verdict);
    if (job->cases) {
        run_cases(x, s);
        return;
    }
    struct sg_live live = SG_LIVE_INIT(&sg_events_live_ops, s->events, x->transport);
    int rc = sg_link_run_live(sg_service_link(x->service, job->engine), job, x->transport,
                              s->events ? &live : NULL, INT64_MAX, &r, &err);
    if (rc == 0 && r.end == SG_RUN_RESULT)
        answer_result(x, s, &r);
    else
        answer_no_result(x, s, x->began_us, rc, &r, &err);
    sg_run_result_done(&r);
    sg_live_done(&live);
}

static void compile_and_run(struct sg_exchange *x, struct sg_job *job, const struct sg_verdict *v,
                            struct sg_events *events)
{
    sg_auto(sg_compiled) struct sg_compiled compiled = SG_COMPILED_INIT;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_live live = SG_LIVE_INIT(&sg_events_live_ops, events, x->transport);
    const struct scored_job s = {job, v, &compiled, events};
    int rc = sg_compile(sg_service_link(x->service, job->engine), x->service->runtimes, job,
                        x->transport, events ? &live : NULL, &compiled, &err);
    sg_live_done(&live);
    if (rc == 0 && sg_compiled_goes_on(&compiled))
        run(x, &s);
    else if (rc == 0 && sg_compiled_failed(&compiled))
        answer_not_compiled(x, &s);
    else
        answer_no_result(x, &s, x->began_us, rc, &compiled.result, &err);
}

static void answer_rejected(struct sg_exchange *x, struct sg_job *job, const struct sg_verdict *v)
{
    const struct scored_job s = {.job = job, .verdict = v};
    struct sg_answer a = {.id = job->id, .verdict = v, .job = job, .streamed = job->stream};
    x->outcome = "rejected";
    count(x, &s, NULL);
    sg_answer_write_rejected(&x->body, &a);
    tell_timings(x, &s, NULL);
}

static void score_and_run(struct sg_exchange *x, struct sg_job *job, const struct sg_screen *screen,
                          struct sg_events *events)
{
    sg_auto(sg_verdict) struct sg_verdict verdict = {0};
    if (screen->skip) {
        compile_and_run(x, job, NULL, events);
        return;
    }
    if (score(x, job, screen, &verdict) < 0)
        return;
    if (verdict.decision == SG_DECISION_REJECTED)
        answer_rejected(x, job, &verdict);
    else
        compile_and_run(x, job, &verdict, events);
}

void sg_handle_execute(struct sg_exchange *x)
{
    sg_auto(sg_job) struct sg_job job = {0};
    struct sg_events events = SG_EVENTS_INIT(x, &job);
    struct sg_screen screen;
    bool wanted = sg_exchange_prefers(x->accept, SG_EVENTS_TYPE, SG_JSON_TYPE);
    if (parse(x, false, &job, &screen) < 0)
        return;
    job.stream = wanted && !job.cases; /* whose outputs are compared, and told in sum */
    score_and_run(x, &job, &screen, wanted ? &events : NULL);
    if (wanted)
        sg_events_end(&events);
}

void sg_handle_validate(struct sg_exchange *x)
{
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_verdict) struct sg_verdict verdict = {0};
    struct sg_source sources[SG_FILES_MAX];
    struct sg_screen screen;
    if (parse(x, true, &job, &screen) < 0 || score(x, &job, &screen, &verdict) < 0)
        return;
    x->outcome = sg_decision_name(verdict.decision);
    if (sg_exchange_prefers(x->accept, SG_SARIF_TYPE, SG_JSON_TYPE)) {
        struct sg_sarif s = {.validator = x->service->scoring->validator,
                             .language = screen.language,
                             .verdict = &verdict,
                             .sources = sources,
                             .nsources = job.nfiles,
                             .id = job.id};
        sg_scoring_sources(&job, sources);
        x->body_type = SG_SARIF_TYPE;
        sg_sarif_write(&x->body, &s);
    } else {
        sg_report_write(&x->body, &verdict, &job, screen.language);
    }
    tell_timings(x, &(struct scored_job){.verdict = &verdict}, NULL);
}
