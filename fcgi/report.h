/*
 * report.h: a verdict as members of the JSON answers.
 *
 *     sg_report_put(&j, verdict, names, n);      // "risk_score": 40, "validation": {...}
 */
#ifndef SG_FCGI_REPORT_H
#define SG_FCGI_REPORT_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/model/job.h"
#include "core/model/verdict.h"
#include "fcgi/json.h"

#define SG_SARIF_TYPE "application/sarif+json" /* the other form of a report: fcgi/sarif.h */

/* The members risk_score and validation of an open object. verdict NULL: nothing was scored. The
   findings' files are those of the job. */
void sg_report_put(struct sg_json *j, const struct sg_verdict *verdict, const struct sg_job *job);

/* The whole answer of POST /v1/validate: appends the document. 0 or -ENOMEM. */
int sg_report_write(struct sg_buf *ret, const struct sg_verdict *verdict, const struct sg_job *job,
                    const char *language);

#endif
