/*
 * cases.h: test cases of a job (`tests` of a request): the same program, once for each of them,
 * with an input and arguments of its own and the output that it should have.
 *
 *     struct sg_job one = sg_case_job(job, &job->cases->v[i]);      // borrows all of both
 *     ... run it ...
 *     bool right = sg_case_matches(job->cases->compare, &c->expected, out, n, &line);
 */
#ifndef SG_MODEL_CASES_H
#define SG_MODEL_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/job.h"

#define SG_CASES_MAX     100
#define SG_CASE_NAME_MAX 128 /* bytes */
/* stdout and stderr of all cases together that an answer shows, however many there are. */
#define SG_CASES_OUTPUT_BYTES_MAX (8u << 20)

enum sg_compare {
    SG_COMPARE_EXACT,   /* byte by byte */
    SG_COMPARE_TRIMMED, /* without white space at the ends of lines and of the whole */
    SG_COMPARE_COUNT
};
const char *sg_compare_name(enum sg_compare c); /* "exact", "trimmed"; NULL out of range */
int sg_compare_from_name(const char *name);     /* enum value, or -ENOENT */

struct sg_case {
    char *name; /* owned; NULL: it has none */
    /* What it does not say itself it has of the job. */
    bool own_input, own_args;
    bool compared; /* expected was said; else it is enough that the program succeeds */
    struct sg_bytes input, expected;
    char **args; /* owned, each of them too */
    size_t nargs;
};

/* Part of a job, whose sg_job_done frees it with all that it owns. */
struct sg_cases {
    struct sg_case v[SG_CASES_MAX];
    size_t n;
    enum sg_compare compare;
    bool stop_on_failure;
    uint64_t wall_time_ms; /* for all of them together */
};

/* The job with what the case says in place of its own. Everything in it is borrowed from the two:
   no sg_job_done. */
struct sg_job sg_case_job(const struct sg_job *job, const struct sg_case *c);

/* Is the output what was expected? If not, *ret_line is the first line (from 1) that differs. White
   space is what isspace(3) takes for it in the C locale. */
bool sg_case_matches(enum sg_compare how, const struct sg_bytes *expected, const char *output,
                     size_t n, size_t *ret_line);

#endif
