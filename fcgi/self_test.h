/* self_test.h: a runtime's own self-test as a job, for whoever wants to see it run. */
#ifndef SG_FCGI_SELF_TEST_H
#define SG_FCGI_SELF_TEST_H

#include "core/model/job.h"
#include "core/model/limits.h"
#include "core/model/runtime.h"

/* Fills a zeroed job for the native engine with the runtime's self_test, which must be there.
   sg_job_done it, whatever comes back. 0 or -ENOMEM. */
int sg_self_test_job(const struct sg_runtime *rt, const struct sg_limits *limits,
                     struct sg_job *ret);

#endif
