/*
 * request.h: the JSON body of POST /v1/execute or /v1/validate into a job, with every error told at
 * its field.
 *
 *     sg_auto(sg_job) struct sg_job job = {0};
 *     sg_auto(sg_problem) struct sg_problem problem = {0};
 *     struct sg_screen screen;
 *     if (sg_request_parse(body, n, &rules, &job, &screen, &problem) < 0) ... answer the problem
 *
 * Fields are rows of a table; all of them are looked at before the request is refused, so that a
 * client learns all its mistakes at once.
 */
#ifndef SG_FCGI_REQUEST_H
#define SG_FCGI_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config/runtimes.h"
#include "core/model/job.h"
#include "fcgi/location.h"
#include "fcgi/problem.h"
#include "fcgi/scoring.h"

/* Longest argument or "NAME=value", and all of them together: execve(2) has bounds of its own
   (MAX_ARG_STRLEN is 128 KiB, all of it a quarter of the stack limit), which must not be met in the
   box. */
#define SG_REQUEST_STRING_BYTES_MAX  (64u << 10)
#define SG_REQUEST_STRINGS_BYTES_MAX (256u << 10)

struct sg_request_rules {
    struct sg_runtimes *runtimes; /* borrowed, as all of it */
    const struct sg_location *location;
    const struct sg_scoring *scoring;
    bool score_only; /* the code is scored and not run: fewer fields, and languages without runtime
                      */
};

/* Fills job (zeroed before; sg_job_done it in any case) and what is wanted of the risk score. 0, or
   SG_E_INVALID with the problem set. */
int sg_request_parse(const char *text, size_t n, const struct sg_request_rules *rules,
                     struct sg_job *job, struct sg_screen *ret_screen, struct sg_problem *problem);

#endif
