/* metrics_write.c: the counters in Prometheus' text format 0.0.4. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/base/cleanup.h"
#include "fcgi/metrics_internal.h"

void sg_metrics_head(struct sg_buf *b, const char *name, const char *type, const char *help)
{
    sg_buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* NAME{LABELS,EXTRA} and a blank. */
static void put_name(struct sg_buf *b, const char *name, const char *labels, const char *extra)
{
    sg_buf_puts(b, name);
    if (*labels || *extra) {
        sg_buf_puts(b, "{");
        sg_buf_puts(b, labels);
        sg_buf_puts(b, *labels && *extra ? "," : "");
        sg_buf_puts(b, extra);
        sg_buf_puts(b, "}");
    }
    sg_buf_puts(b, " ");
}

static void put_histogram(struct sg_buf *b, const struct sg_metrics *m, const char *name,
                          const char *labels, size_t at)
{
    char full[128], le[32];
    uint64_t sum_us = sg_counters_get(&m->counters, at + SG_METRICS_BUCKETS + 1);
    uint64_t below = 0;
    snprintf(full, sizeof full, "%s_bucket", name);
    for (size_t i = 0; i <= SG_METRICS_BUCKETS; i++) {
        below += sg_counters_get(&m->counters, at + i);
        snprintf(le, sizeof le, "le=\"%s\"",
                 i < SG_METRICS_BUCKETS ? sg_metrics_buckets[i].le : "+Inf");
        put_name(b, full, labels, le);
        sg_buf_printf(b, "%" PRIu64 "\n", below);
    }
    snprintf(full, sizeof full, "%s_sum", name);
    put_name(b, full, labels, "");
    sg_buf_printf(b, "%" PRIu64 ".%06" PRIu64 "\n", sum_us / 1000000, sum_us % 1000000);
    snprintf(full, sizeof full, "%s_count", name);
    put_name(b, full, labels, "");
    sg_buf_printf(b, "%" PRIu64 "\n", below); /* of the same reading as the buckets */
}

/* labels: scratch. */
static void put_series(struct sg_buf *b, const struct sg_metrics *m, enum sg_metrics_family_id id,
                       const size_t *values, struct sg_buf *labels)
{
    const struct sg_metrics_family *f = &sg_metrics_families[id];
    size_t at = sg_metrics_index(m, id, values);
    sg_buf_clear(labels);
    sg_buf_puts(labels, "");
    for (size_t i = 0; i < f->nlabels; i++) {
        sg_buf_puts(labels, i ? "," : "");
        sg_buf_puts(labels, m->values[f->labels[i]].v[values[i]].text);
    }
    b->failed = b->failed || labels->failed;
    if (b->failed)
        return;
    if (f->histogram) {
        put_histogram(b, m, f->name, labels->data, at);
        return;
    }
    put_name(b, f->name, labels->data, "");
    sg_buf_printf(b, "%" PRIu64 "\n", sg_counters_get(&m->counters, at));
}

/* The next combination of values; false behind the last. */
static bool next(const struct sg_metrics *m, const struct sg_metrics_family *f, size_t *values)
{
    for (size_t i = f->nlabels; i-- > 0;) {
        if (++values[i] < m->values[f->labels[i]].n)
            return true;
        values[i] = 0;
    }
    return false;
}

static void put_family(struct sg_buf *b, const struct sg_metrics *m, enum sg_metrics_family_id id)
{
    const struct sg_metrics_family *f = &sg_metrics_families[id];
    size_t values[SG_METRICS_LABELS_MAX] = {0};
    sg_auto(sg_buf) struct sg_buf labels = {0};
    sg_metrics_head(b, f->name, f->histogram ? "histogram" : "counter", f->help);
    for (size_t i = 0; i < f->nlabels; i++)
        if (m->values[f->labels[i]].n == 0)
            return;
    do
        put_series(b, m, id, values, &labels);
    while (next(m, f, values));
}

int sg_metrics_write(struct sg_buf *ret, const struct sg_metrics *m)
{
    bool up = m && m->counters.v;
    if (m && m->away[0])
        sg_buf_printf(ret, "# %s\n", m->away);
    sg_metrics_head(
        ret, "sandgate_counters_up", "gauge",
        "1: the workers count, into one file; 0: they cannot, and there are no counters here.");
    sg_buf_printf(ret, "sandgate_counters_up %d\n", up);
    for (size_t id = 0; up && id < SG_METRIC_COUNT; id++)
        put_family(ret, m, (enum sg_metrics_family_id)id);
    return ret->failed ? -ENOMEM : 0;
}
