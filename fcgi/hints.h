/*
 * hints.h: what a job tells its executor, so that a program that was started ahead can serve it.
 *
 *     sg_hints_fill(&job, service->runtimes, verdict);
 *     sg_link_run(&service->link, &job, ...);
 */
#ifndef SG_FCGI_HINTS_H
#define SG_FCGI_HINTS_H

#include <stdbool.h>

#include "core/config/runtimes.h"
#include "core/model/job.h"
#include "core/model/verdict.h"

/* Fills job->plain and job->imports. What the job imports says the verdict; where nobody looked
   (NULL) the text of its files, at a glance. Modules that the job brings itself are left out: no
   template has them, whatever their names. */
void sg_hints_fill(struct sg_job *job, struct sg_runtimes *rts, const struct sg_verdict *verdict);

/* What job->plain shall be: sg_job_is_plain() whichever runtime of the language runs it. */
bool sg_hints_plain(const struct sg_job *job, const struct sg_runtimes *rts);

#endif
