/* metrics_internal.h: what the files of metrics.h have of each other. Nobody else includes it. */
#ifndef SG_FCGI_METRICS_INTERNAL_H
#define SG_FCGI_METRICS_INTERNAL_H

#include "fcgi/metrics.h"

#define SG_METRICS_OTHER "other" /* route of a path that is none of ours */

/* Values of SG_LABEL_STAGE, in this order. */
enum sg_metrics_stage {
    SG_STAGE_VALIDATE,
    SG_STAGE_COMPILE,
    SG_STAGE_QUEUE,
    SG_STAGE_SETUP,
    SG_STAGE_RUN,
    SG_STAGE_COLLECT,
    SG_STAGE_TOTAL,
    SG_STAGE_COUNT
};

/* Values of SG_LABEL_END: enum sg_reason stands for failed runs; behind them: */
enum { SG_END_SUCCESS = SG_REASON_COUNT, SG_END_REJECTED };

/* metrics_table.c */
/* Collects the values of all labels. 0 or -ENOMEM. */
int sg_metrics_table_fill(struct sg_metrics *m, const struct sg_config *cfg,
                          const struct sg_runtimes *runtimes, const struct sg_scoring *scoring);
/* Gives each family its counters. The result changes when what any of them means does. */
uint64_t sg_metrics_table_lay_out(struct sg_metrics *m);
void sg_metrics_table_done(struct sg_metrics *m);
/* The index of the counter (of the histogram's first); SIZE_MAX: there is none. */
size_t sg_metrics_index(const struct sg_metrics *m, enum sg_metrics_family_id id,
                        const size_t *values);
/* The index of a label's value by its name; SIZE_MAX. */
size_t sg_metrics_value(const struct sg_metrics *m, enum sg_metrics_label label, const char *name);

/* metrics_write.c: HELP and TYPE. */
void sg_metrics_head(struct sg_buf *b, const char *name, const char *type, const char *help);

#endif
