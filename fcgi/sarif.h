/*
 * sarif.h: a verdict as a SARIF 2.1.0 document (OASIS, Static Analysis Results Interchange Format),
 * for editors and code scanning.
 *
 *     struct sg_sarif s = {.validator = v, .language = "python", .verdict = &verdict,
 *                          .sources = sources, .nsources = n, .id = "job-1"};
 *     sg_sarif_write(&buf, &s);
 */
#ifndef SG_FCGI_SARIF_H
#define SG_FCGI_SARIF_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/model/verdict.h"
#include "core/validate/validate.h"

struct sg_sarif {
    const struct sg_validator *validator; /* borrowed, as all of it */
    const char *language;                 /* whose rules */
    const struct sg_verdict *verdict;
    const struct sg_source *sources; /* what the verdict is about */
    size_t nsources;
    const char *id; /* of the request; "" or NULL: none */
};

/* Appends the document: one run; its rules are those that results refer to. 0 or -ENOMEM. */
int sg_sarif_write(struct sg_buf *ret, const struct sg_sarif *s);

#endif
