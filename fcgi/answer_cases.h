/*
 * answer_cases.h: the answer of a job with test cases, made as they end.
 *
 *     sg_auto(sg_cases_answer) struct sg_cases_answer a = {0};
 *     sg_cases_answer_begin(&a, &job);
 *     ... sg_cases_run() with sg_cases_answer_add ...
 *     sg_cases_answer_write(&body, &a, verdict);
 *
 * What the streams of all cases may have together (SG_CASES_OUTPUT_BYTES_MAX) is shared out as they
 * come: each may have an equal part of what those before it have left.
 */
#ifndef SG_FCGI_ANSWER_CASES_H
#define SG_FCGI_ANSWER_CASES_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/model/cases.h"
#include "core/model/outcome.h"
#include "core/model/verdict.h"
#include "fcgi/json.h"
#include "fcgi/run_cases.h"

struct sg_cases_answer {
    const struct sg_job *job;           /* borrowed */
    const struct sg_compiled *compiled; /* borrowed: the stage before all of them; NULL: none */
    struct sg_buf items;                /* what is in the brackets of `tests` */
    struct sg_json json;                /* writes there */
    size_t passed, failed, skipped;
    size_t output_left; /* bytes */
    char first[512];    /* about the first that did not pass */
    /* Of those that ran: times added up, of peaks the highest. */
    struct sg_usage usage;
    struct sg_timings timings;
    char version[32]; /* of the runtime; "": not known */
};

void sg_cases_answer_begin(struct sg_cases_answer *a, const struct sg_job *job);
/* An sg_case_fn; arg is the struct sg_cases_answer. */
void sg_cases_answer_add(void *arg, size_t index, const struct sg_case_result *r);
/* Appends the document. verdict: NULL when the code was not scored. 0 or -ENOMEM. */
int sg_cases_answer_write(struct sg_buf *ret, struct sg_cases_answer *a,
                          const struct sg_verdict *verdict);
bool sg_cases_answer_success(const struct sg_cases_answer *a); /* have all passed? */
void sg_cases_answer_done(struct sg_cases_answer *a);

#endif
