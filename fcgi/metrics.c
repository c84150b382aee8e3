/* metrics.c: see metrics.h */
#include "fcgi/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/metrics_internal.h"

static int open_counters(struct sg_metrics *m, const struct sg_config *cfg, struct sg_error *err)
{
    uint64_t layout = sg_metrics_table_lay_out(m);
    const char *path = cfg->worker.metrics;
    if (!path || !*path)
        return sg_error_set(err, SG_E_UNAVAILABLE, "worker.metrics is empty");
    m->rule_seen = calloc(m->values[SG_LABEL_RULE].n + 1, 1);
    if (!m->rule_seen)
        return sg_error_errno(err, ENOMEM, "cannot count");
    return sg_counters_open(&m->counters, path, layout, m->n, err);
}

static void add(struct sg_metrics *m, enum sg_metrics_family_id id, const size_t *values)
{
    sg_counters_add(&m->counters, sg_metrics_index(m, id, values), 1);
}

int sg_metrics_open(struct sg_metrics *ret, const struct sg_config *cfg,
                    const struct sg_runtimes *runtimes, const struct sg_scoring *scoring,
                    struct sg_error *err)
{
    *ret = (struct sg_metrics){0};
    int rc = sg_metrics_table_fill(ret, cfg, runtimes, scoring);
    if (rc < 0)
        sg_error_errno(err, -rc, "cannot count");
    else
        rc = open_counters(ret, cfg, err);
    if (rc < 0) {
        sg_error_wrap(err, "nothing is counted for /metrics");
        sg_str_copy(ret->away, sizeof ret->away, err->text);
        return rc;
    }
    add(ret, SG_METRIC_WORKERS, NULL);
    return 0;
}

void sg_metrics_done(struct sg_metrics *m)
{
    sg_counters_done(&m->counters);
    sg_metrics_table_done(m);
    free(m->rule_seen);
    *m = (struct sg_metrics){0};
}

static bool counts(const struct sg_metrics *m)
{
    return m && m->counters.v;
}

static void observe(struct sg_metrics *m, size_t engine, enum sg_metrics_stage stage, uint64_t us)
{
    size_t at = sg_metrics_index(m, SG_METRIC_STAGES, (size_t[]){engine, stage});
    size_t bucket = 0;
    if (at == SIZE_MAX)
        return;
    while (bucket < SG_METRICS_BUCKETS && us > sg_metrics_buckets[bucket].us)
        bucket++;
    sg_counters_add(&m->counters, at + bucket, 1);
    sg_counters_add(&m->counters, at + SG_METRICS_BUCKETS + 1, us);
}

static size_t end_of(const struct sg_execution *e)
{
    if (e->verdict && e->verdict->decision == SG_DECISION_REJECTED)
        return SG_END_REJECTED;
    if (!e->outcome)
        return SG_REASON_CANCELLED;
    bool success =
        !e->not_compiled && e->outcome->reason == SG_REASON_EXITED && e->outcome->exit_code == 0;
    return success ? SG_END_SUCCESS : e->outcome->reason;
}

static void observe_run(struct sg_metrics *m, const size_t *who, const struct sg_timings *t)
{
    const uint32_t us[] = {t->queue_us, t->setup_us, t->run_us, t->collect_us};
    for (size_t i = 0; i < SG_ARRAY_LEN(us); i++)
        observe(m, who[1], (enum sg_metrics_stage)(SG_STAGE_QUEUE + i), us[i]);
    add(m, SG_METRIC_STARTS, (size_t[]){who[0], who[1], t->start});
}

/* A rule that fits in several places is one reason all the same, as it is in the score. */
static void count_rules(struct sg_metrics *m, const struct sg_verdict *v)
{
    size_t n = m->values[SG_LABEL_RULE].n;
    memset(m->rule_seen, 0, n);
    for (size_t i = 0; i < v->nfindings; i++) {
        size_t rule = sg_metrics_value(m, SG_LABEL_RULE, v->findings[i].rule);
        if (v->findings[i].score == 0 || rule >= n || m->rule_seen[rule])
            continue;
        m->rule_seen[rule] = 1;
        add(m, SG_METRIC_RULE_REFUSALS, &rule);
    }
}

void sg_metrics_execution(struct sg_metrics *m, const struct sg_execution *e)
{
    if (!counts(m))
        return;
    const size_t who[] = {sg_metrics_value(m, SG_LABEL_LANGUAGE, e->language),
                          sg_metrics_value(m, SG_LABEL_ENGINE, sg_engine_name(e->engine)),
                          end_of(e)};
    add(m, SG_METRIC_EXECUTIONS, who);
    if (e->verdict)
        observe(m, who[1], SG_STAGE_VALIDATE, e->verdict->took_us);
    if (e->compile)
        observe(m, who[1], SG_STAGE_COMPILE, sg_timings_total_us(e->compile));
    if (e->outcome && !e->not_compiled)
        observe_run(m, who, &e->outcome->timings);
    if (who[2] == SG_END_REJECTED)
        count_rules(m, e->verdict);
    observe(m, who[1], SG_STAGE_TOTAL, e->total_us > 0 ? (uint64_t)e->total_us : 0);
}

void sg_metrics_validation(struct sg_metrics *m, const char *language, const struct sg_verdict *v)
{
    if (counts(m))
        add(m, SG_METRIC_VALIDATIONS,
            (size_t[]){sg_metrics_value(m, SG_LABEL_RULES, language),
                       sg_metrics_value(m, SG_LABEL_POLICY, v->policy),
                       sg_metrics_value(m, SG_LABEL_DECISION, sg_decision_name(v->decision))});
}

void sg_metrics_request(struct sg_metrics *m, const char *path, int status,
                        enum sg_problem_id problem)
{
    char text[16];
    if (!counts(m))
        return;
    size_t route = sg_metrics_value(m, SG_LABEL_ROUTE, path);
    if (route == SIZE_MAX)
        route = sg_metrics_value(m, SG_LABEL_ROUTE, SG_METRICS_OTHER);
    snprintf(text, sizeof text, "%d", status);
    add(m, SG_METRIC_REQUESTS, (size_t[]){route, sg_metrics_value(m, SG_LABEL_STATUS, text)});
    if (problem != SG_PROBLEM_NONE)
        add(m, SG_METRIC_PROBLEMS, (size_t[]){(size_t)problem - 1});
}
