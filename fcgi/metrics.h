/*
 * metrics.h: what the workers count, and how GET /metrics shows it (Prometheus text format 0.0.4).
 *
 *     sg_auto(sg_metrics) struct sg_metrics m = {0};
 *     if (sg_metrics_open(&m, &cfg, &runtimes, &scoring, &err) < 0)   // before the confinement
 *         sg_log_error(SG_LOG_WARNING, &err);         // goes on: nothing is counted, and it says
 * so sg_metrics_request(&m, "/health", 200, SG_PROBLEM_NONE); sg_metrics_write(&buf, &m);
 *
 * All that can be counted is known when a worker starts: families (metrics_table.c) times the
 * values of their labels, which come from tables of ours and from the operator's files: languages,
 * engines, policies, rules. What a client sends chooses among them and adds none: the number of
 * series is bounded. All of them are shown from the start, at 0.
 */
#ifndef SG_FCGI_METRICS_H
#define SG_FCGI_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/runtimes.h"
#include "core/model/engine.h"
#include "core/model/gauges.h"
#include "core/model/outcome.h"
#include "core/model/verdict.h"
#include "fcgi/counters.h"
#include "fcgi/problem.h"
#include "fcgi/scoring.h"

/* "text/plain" is what an Accept header has to take. */
#define SG_METRICS_TYPE      "text/plain"
#define SG_METRICS_TYPE_FULL "text/plain; version=0.0.4; charset=utf-8"

enum sg_metrics_label {
    SG_LABEL_LANGUAGE,
    SG_LABEL_ENGINE,
    SG_LABEL_END, /* status and reason together: most pairs cannot be */
    SG_LABEL_START,
    SG_LABEL_STAGE,
    SG_LABEL_RULES, /* language that there are rules for */
    SG_LABEL_POLICY,
    SG_LABEL_DECISION,
    SG_LABEL_RULE,
    SG_LABEL_ROUTE,
    SG_LABEL_STATUS, /* of HTTP */
    SG_LABEL_CODE,
    SG_LABEL_COUNT
};

/* One value of a label. */
struct sg_metrics_value {
    uint64_t hash; /* of the name: an operator may have thousands of rules */
    char *name;    /* owned: "python" */
    char *text;    /* owned: language="python", escaped */
};
struct sg_metrics_values {
    struct sg_metrics_value *v; /* owned */
    size_t n;
};

enum sg_metrics_family_id {
    SG_METRIC_EXECUTIONS,
    SG_METRIC_STARTS,
    SG_METRIC_STAGES,
    SG_METRIC_VALIDATIONS,
    SG_METRIC_RULE_REFUSALS,
    SG_METRIC_REQUESTS,
    SG_METRIC_PROBLEMS,
    SG_METRIC_WORKERS,
    SG_METRIC_COUNT
};

#define SG_METRICS_LABELS_MAX 3
struct sg_metrics_family {
    const char *name, *help;
    bool histogram; /* of seconds; else a counter */
    size_t nlabels;
    enum sg_metrics_label labels[SG_METRICS_LABELS_MAX];
};
extern const struct sg_metrics_family sg_metrics_families[SG_METRIC_COUNT];

/* Upper bounds of the histograms' buckets; behind them the one without. */
struct sg_metrics_bucket {
    uint64_t us;
    const char *le; /* the same in seconds, as it is shown */
};
#define SG_METRICS_BUCKETS 17
extern const struct sg_metrics_bucket sg_metrics_buckets[SG_METRICS_BUCKETS];
/* Numbers of one histogram: not cumulative, then the sum in microseconds. */
#define SG_METRICS_HISTOGRAM (SG_METRICS_BUCKETS + 2)

struct sg_metrics {
    struct sg_counters counters;
    struct sg_metrics_values values[SG_LABEL_COUNT];
    size_t first[SG_METRIC_COUNT]; /* counter of each family */
    size_t n;
    unsigned char *rule_seen; /* owned: scratch, one for each rule */
    char away[384];           /* why nothing is counted, or "" */
};

/* Works out what there is to count, opens cfg->worker.metrics, and counts one worker's start. A
   negative code with err when nothing will be counted; ret can be used all the same. */
int sg_metrics_open(struct sg_metrics *ret, const struct sg_config *cfg,
                    const struct sg_runtimes *runtimes, const struct sg_scoring *scoring,
                    struct sg_error *err);
void sg_metrics_done(struct sg_metrics *m);

/* One execution, when it is over. All is borrowed. */
struct sg_execution {
    const char *language;
    enum sg_engine engine;
    const struct sg_verdict *verdict; /* NULL: the code was not scored */
    const struct sg_outcome *outcome; /* NULL: the score refused it; or else, the client has left */
    const struct sg_timings *compile; /* of its compile stage; NULL: there was none */
    bool not_compiled;                /* outcome is the compiler's: nothing ran */
    int64_t total_us;                 /* from the request's arrival to its answer */
};
/* m may be NULL, here and below: nothing is counted. */
void sg_metrics_execution(struct sg_metrics *m, const struct sg_execution *e);
/* Code was scored, to run it or to tell the score. */
void sg_metrics_validation(struct sg_metrics *m, const char *language, const struct sg_verdict *v);
/* One request that was answered; status 499: its client had left. */
void sg_metrics_request(struct sg_metrics *m, const char *path, int status,
                        enum sg_problem_id problem);

/* Appends all counters, and whether there are any. 0 or -ENOMEM. */
int sg_metrics_write(struct sg_buf *ret, const struct sg_metrics *m);

/* What an executor said; g is NULL when it said nothing. */
struct sg_engine_gauges {
    enum sg_engine engine;
    const struct sg_gauges *gauges;
};
/* Appends build_info and, of each engine, its gauges. 0 or -ENOMEM. */
int sg_metrics_write_gauges(struct sg_buf *ret, const struct sg_engine_gauges *engines, size_t n);

#endif
