/* self_test.c: see self_test.h */
#include "fcgi/self_test.h"

#include <errno.h>
#include <string.h>

#include "core/base/str.h"

int sg_self_test_job(const struct sg_runtime *rt, const struct sg_limits *limits,
                     struct sg_job *job)
{
    job->engine = SG_ENGINE_NATIVE;
    job->limits = *limits;
    sg_str_copy(job->language, sizeof job->language, rt->language);
    sg_str_copy(job->version, sizeof job->version, rt->version);
    sg_str_copy(job->id, sizeof job->id, "self-test");
    job->files[0].path = strdup(rt->entry);
    job->files[0].content = (struct sg_bytes){strdup(rt->self_test), strlen(rt->self_test)};
    job->nfiles = 1;
    return job->files[0].path && job->files[0].content.data ? 0 : -ENOMEM;
}
