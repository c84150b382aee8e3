/*
 * run_cases.h: runs a job once for each of its test cases (core/model/cases.h).
 *
 *     struct sg_case_loop loop = {&job, &runtimes, transport, sg_cases_answer_add, &answer, NULL};
 *     int rc = sg_cases_run(&link, &loop, &result, &at, &err);
 *
 * One behind the other over the one connection to the executor: each case is a run like any other,
 * in a fresh box, and takes its turn in the queue, so that other clients have theirs in between.
 * The deadline of all of them counts everything from the first one's sending, the queue included.
 */
#ifndef SG_FCGI_RUN_CASES_H
#define SG_FCGI_RUN_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/config/runtimes.h"
#include "core/model/cases.h"
#include "fcgi/link.h"

enum sg_case_end {
    SG_CASE_RAN,
    SG_CASE_SKIPPED_FAILURE, /* one before it did not pass, and that was to end it all */
    SG_CASE_SKIPPED_TIME,    /* the deadline of all was there before it began */
};

struct sg_case_result {
    enum sg_case_end end;
    /* Where it ran: */
    bool passed;     /* the program succeeded, and its stdout is what was expected */
    bool late;       /* the deadline of all ended it */
    size_t line;     /* of stdout, the first that is not as expected; 0: none, or not looked at */
    bool only_space; /* that is all that differs, and it would be ignored with "trimmed" */
    const struct sg_outcome *outcome; /* borrowed for the call, as the output is */
    struct sg_span out, err;
};

/* Is told of each case, in order, when it has ended. */
typedef void sg_case_fn(void *arg, size_t index, const struct sg_case_result *r);

struct sg_case_loop {
    const struct sg_job *job;           /* with cases, and with its hints (fcgi/hints.h) */
    const struct sg_runtimes *runtimes; /* borrowed, as all of it */
    struct sg_transport *transport;     /* the client, whose leaving ends it all */
    sg_case_fn *tell;
    void *arg;
    struct sg_live *live; /* hears of the time that passes; NULL: nobody does */
};

/* 0 with ret->end: SG_RUN_RESULT when all cases have been told of; SG_RUN_REFUSED and SG_RUN_GONE
   as from sg_link_run, for one of them: the others before it count for nothing then. Negative codes
   are those of sg_link_run and sg_run_output_map. *ret_at is the case that was the last one tried.
 */
int sg_cases_run(struct sg_link *l, const struct sg_case_loop *loop, struct sg_run_result *ret,
                 size_t *ret_at, struct sg_error *err);

#endif
