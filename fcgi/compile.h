/*
 * compile.h: the compile stage of a job whose language has one. The executor compiles in a box of
 * its own, and gives the product back as a sealed memfd, which goes with the job when it is run:
 * once, or any number of times.
 *
 *     struct sg_compiled compiled = SG_COMPILED_INIT;
 *     rc = sg_compile(&link, &runtimes, &job, transport, &compiled, &err);
 *     if (rc == 0 && sg_compiled_goes_on(&compiled)) ... sg_link_run(&link, &job, ...)
 *     sg_compiled_done(&compiled);                        // not before the last run of the job
 */
#ifndef SG_FCGI_COMPILE_H
#define SG_FCGI_COMPILE_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/config/runtimes.h"
#include "core/model/job.h"
#include "fcgi/link.h"

struct sg_compiled {
    bool needed;                 /* the language has a compile stage; else nothing below holds */
    struct sg_run_result result; /* of the compilation, as of a run */
    struct sg_run_output kept;   /* its output, where it has ended with SG_RUN_RESULT */
};
#define SG_COMPILED_INIT                                                                           \
    {                                                                                              \
        .result = SG_RUN_RESULT_INIT                                                               \
    }

/* Compiles the job's code, where its language is compiled, and gives the job the product. live is
   told that time goes by (NULL: nobody is), not what the compiler writes. 0, or as
   sg_link_run_live. */
int sg_compile(struct sg_link *l, struct sg_runtimes *rts, struct sg_job *job,
               struct sg_transport *t, struct sg_live *live, struct sg_compiled *ret,
               struct sg_error *err);
/* Is there something to run: there was nothing to compile, or it was compiled? */
bool sg_compiled_goes_on(const struct sg_compiled *c);
/* Has the compiler ended, and made no program of the code? */
bool sg_compiled_failed(const struct sg_compiled *c);
/* What it took, where something was compiled, whatever came of it; else NULL, as of c NULL. */
const struct sg_timings *sg_compiled_timings(const struct sg_compiled *c);
/* One sentence that says why not. */
void sg_compiled_error(const struct sg_compiled *c, char *ret, size_t n);
void sg_compiled_done(struct sg_compiled *c);

#endif
