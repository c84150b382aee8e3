/* metrics_table.c: the families, and what their labels can be. */
#include "fcgi/metrics_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/hash.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

const struct sg_metrics_family sg_metrics_families[SG_METRIC_COUNT] = {
    [SG_METRIC_EXECUTIONS] = {"sandgate_executions_total",
                              "Executions that are over: run, refused by the risk score, or "
                              "cancelled as the client left.",
                              false,
                              3,
                              {SG_LABEL_LANGUAGE, SG_LABEL_ENGINE, SG_LABEL_END}},
    [SG_METRIC_STARTS] = {"sandgate_execution_starts_total",
                          "Runs by how their program was started.",
                          false,
                          3,
                          {SG_LABEL_LANGUAGE, SG_LABEL_ENGINE, SG_LABEL_START}},
    [SG_METRIC_STAGES] =
        {"sandgate_execution_stage_duration_seconds",
         "Time that executions took in each stage they came to; total: from request to answer.",
         true,
         2,
         {SG_LABEL_ENGINE, SG_LABEL_STAGE}},
    [SG_METRIC_VALIDATIONS] = {"sandgate_validations_total",
                               "Risk scores that were made, to run code or to tell the score.",
                               false,
                               3,
                               {SG_LABEL_RULES, SG_LABEL_POLICY, SG_LABEL_DECISION}},
    [SG_METRIC_RULE_REFUSALS] =
        {"sandgate_rule_refusals_total",
         "Executions that the risk score refused, once for each rule that added to their score.",
         false,
         1,
         {SG_LABEL_RULE}},
    [SG_METRIC_REQUESTS] = {"sandgate_http_requests_total",
                            "Requests that workers answered; 499: the client had left.",
                            false,
                            2,
                            {SG_LABEL_ROUTE, SG_LABEL_STATUS}},
    [SG_METRIC_PROBLEMS] = {"sandgate_problems_total",
                            "Problem documents that workers answered with.",
                            false,
                            1,
                            {SG_LABEL_CODE}},
    [SG_METRIC_WORKERS] =
        {"sandgate_worker_starts_total", "Workers that have begun.", false, 0, {0}},
};

const struct sg_metrics_bucket sg_metrics_buckets[SG_METRICS_BUCKETS] = {
    {500, "0.0005"},  {1000, "0.001"},    {2500, "0.0025"}, {5000, "0.005"},  {10000, "0.01"},
    {25000, "0.025"}, {50000, "0.05"},    {100000, "0.1"},  {250000, "0.25"}, {500000, "0.5"},
    {1000000, "1"},   {2500000, "2.5"},   {5000000, "5"},   {10000000, "10"}, {30000000, "30"},
    {60000000, "60"}, {120000000, "120"},
};

static uint64_t hash(uint64_t h, const char *text)
{
    return sg_hash(h, text, strlen(text) + 1);
}

/* Within a label's value: backslash, double quote and line feed are escaped. */
static void put_escaped(struct sg_buf *b, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\n')
            sg_buf_puts(b, "\\n");
        else if (*c == '\\' || *c == '"')
            sg_buf_printf(b, "\\%c", *c);
        else
            sg_buf_append(b, c, 1);
    }
}

size_t sg_metrics_value(const struct sg_metrics *m, enum sg_metrics_label label, const char *name)
{
    const struct sg_metrics_values *values = &m->values[label];
    uint64_t wanted = hash(SG_HASH_START, name);
    for (size_t i = 0; i < values->n; i++)
        if (values->v[i].hash == wanted && strcmp(values->v[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

/* Takes over text. */
static int add_text(struct sg_metrics *m, enum sg_metrics_label label, const char *name,
                    struct sg_buf *text)
{
    struct sg_metrics_values *values = &m->values[label];
    struct sg_metrics_value *v =
        text->failed ? NULL : realloc(values->v, (values->n + 1) * sizeof *v);
    if (!v)
        return -ENOMEM;
    values->v = v;
    v[values->n].hash = hash(SG_HASH_START, name);
    v[values->n].name = strdup(name);
    if (!v[values->n].name)
        return -ENOMEM;
    v[values->n++].text = sg_buf_take(text);
    return 0;
}

/* One more value, unless it is there. 0 or -ENOMEM. */
static int add(struct sg_metrics *m, enum sg_metrics_label label, const char *key, const char *name)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    if (sg_metrics_value(m, label, name) != SIZE_MAX)
        return 0;
    sg_buf_printf(&text, "%s=\"", key);
    put_escaped(&text, name);
    sg_buf_puts(&text, "\"");
    return add_text(m, label, name, &text);
}

static int add_end(struct sg_metrics *m, const char *status, const char *reason)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    char name[64];
    snprintf(name, sizeof name, "%s/%s", status, reason);
    sg_buf_printf(&text, "status=\"%s\",reason=\"%s\"", status, reason);
    return add_text(m, SG_LABEL_END, name, &text);
}

/* In the order that sg_metrics_execution counts on. */
static int add_ends(struct sg_metrics *m)
{
    int rc = 0;
    for (int r = 0; r < SG_REASON_COUNT && rc == 0; r++)
        rc = add_end(m, "failed", sg_reason_name((enum sg_reason)r));
    if (rc == 0)
        rc = add_end(m, "success", sg_reason_name(SG_REASON_EXITED));
    if (rc == 0)
        rc = add_end(m, "rejected", "risk_score");
    return rc;
}

static int add_routes(struct sg_metrics *m)
{
    int rc = 0;
    for (size_t i = 0; i < sg_route_count && rc == 0; i++)
        rc = add(m, SG_LABEL_ROUTE, "route", sg_route_table[i].path);
    return rc ? rc : add(m, SG_LABEL_ROUTE, "route", SG_METRICS_OTHER);
}

static int add_status(struct sg_metrics *m, int status)
{
    char text[16];
    snprintf(text, sizeof text, "%d", status);
    return add(m, SG_LABEL_STATUS, "status", text);
}

static int add_statuses_and_codes(struct sg_metrics *m)
{
    int rc = add_status(m, 200);
    if (rc == 0)
        rc = add_status(m, SG_NOT_MODIFIED);
    for (int id = SG_PROBLEM_NONE + 1; id < SG_PROBLEM_COUNT && rc == 0; id++) {
        rc = add_status(m, sg_problem_table[id].status);
        if (rc == 0)
            rc = add(m, SG_LABEL_CODE, "code", sg_problem_table[id].code);
    }
    return rc ? rc : add_status(m, SG_CLIENT_CLOSED_REQUEST);
}

static int add_words(struct sg_metrics *m)
{
    static const char *const stages[SG_STAGE_COUNT] = {"validate", "compile", "queue", "setup",
                                                       "run",      "collect", "total"};
    int rc = 0;
    for (int i = 0; i < SG_STAGE_COUNT && rc == 0; i++)
        rc = add(m, SG_LABEL_STAGE, "stage", stages[i]);
    for (int i = 0; i < SG_START_COUNT && rc == 0; i++)
        rc = add(m, SG_LABEL_START, "start", sg_start_name((enum sg_start)i));
    for (int i = SG_DECISION_ALLOWED; i < SG_DECISION_COUNT && rc == 0; i++)
        rc = add(m, SG_LABEL_DECISION, "decision", sg_decision_name((enum sg_decision)i));
    return rc;
}

static int add_rules(struct sg_metrics *m, const struct sg_scoring *s)
{
    const char *language;
    int rc = 0;
    for (size_t k = 0; rc == 0 && (language = sg_validator_list(s->validator, k)) != NULL; k++) {
        struct sg_rule_info rule;
        rc = add(m, SG_LABEL_RULES, "language", language);
        for (size_t i = 0; rc == 0 && sg_validator_rule(s->validator, language, i, &rule); i++)
            rc = add(m, SG_LABEL_RULE, "rule", rule.id);
    }
    return rc;
}

int sg_metrics_table_fill(struct sg_metrics *m, const struct sg_config *cfg,
                          const struct sg_runtimes *runtimes, const struct sg_scoring *scoring)
{
    int rc = 0;
    for (size_t i = 0; i < runtimes->n && rc == 0; i++)
        rc = add(m, SG_LABEL_LANGUAGE, "language", runtimes->v[i].language);
    for (size_t i = 0; i < cfg->worker.engines.n && rc == 0; i++)
        rc = add(m, SG_LABEL_ENGINE, "engine", cfg->worker.engines.v[i]);
    for (size_t i = 0; i < cfg->validate.policies.n && rc == 0; i++)
        rc = add(m, SG_LABEL_POLICY, "policy", cfg->validate.policies.v[i]);
    if (rc == 0)
        rc = add_words(m);
    if (rc == 0)
        rc = add_ends(m);
    if (rc == 0)
        rc = add_routes(m);
    if (rc == 0)
        rc = add_statuses_and_codes(m);
    return rc ? rc : add_rules(m, scoring);
}

static size_t series_of(const struct sg_metrics *m, const struct sg_metrics_family *f)
{
    size_t n = 1;
    for (size_t i = 0; i < f->nlabels; i++)
        n *= m->values[f->labels[i]].n;
    return n;
}

uint64_t sg_metrics_table_lay_out(struct sg_metrics *m)
{
    uint64_t h = SG_HASH_START;
    m->n = 0;
    for (size_t k = 0; k < SG_METRIC_COUNT; k++) {
        const struct sg_metrics_family *f = &sg_metrics_families[k];
        m->first[k] = m->n;
        m->n += series_of(m, f) * (f->histogram ? SG_METRICS_HISTOGRAM : 1);
        h = hash(h, f->name);
        for (size_t i = 0; i < f->nlabels; i++)
            for (size_t j = 0; j < m->values[f->labels[i]].n; j++)
                h = hash(h, m->values[f->labels[i]].v[j].text);
    }
    for (size_t i = 0; i < SG_METRICS_BUCKETS; i++)
        h = hash(h, sg_metrics_buckets[i].le);
    return h;
}

size_t sg_metrics_index(const struct sg_metrics *m, enum sg_metrics_family_id id,
                        const size_t *values)
{
    const struct sg_metrics_family *f = &sg_metrics_families[id];
    size_t at = 0;
    for (size_t i = 0; i < f->nlabels; i++) {
        size_t n = m->values[f->labels[i]].n;
        if (values[i] >= n)
            return SIZE_MAX;
        at = at * n + values[i];
    }
    return m->first[id] + at * (f->histogram ? SG_METRICS_HISTOGRAM : 1);
}

void sg_metrics_table_done(struct sg_metrics *m)
{
    for (size_t k = 0; k < SG_LABEL_COUNT; k++) {
        for (size_t i = 0; i < m->values[k].n; i++) {
            free(m->values[k].v[i].name);
            free(m->values[k].v[i].text);
        }
        free(m->values[k].v);
        m->values[k] = (struct sg_metrics_values){0};
    }
}
