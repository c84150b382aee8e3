/*
 * verdict.h: what a risk score says about a request's code: plain data, and the names that clients
 * see. Made by core/validate, written as JSON by fcgi.
 */
#ifndef SG_MODEL_VERDICT_H
#define SG_MODEL_VERDICT_H

#include <stddef.h>
#include <stdint.h>

#include "core/model/imports.h"

/* How bad what a rule finds would be, outside of a box. */
enum sg_severity {
    SG_SEVERITY_INFO,
    SG_SEVERITY_LOW,
    SG_SEVERITY_MEDIUM,
    SG_SEVERITY_HIGH,
    SG_SEVERITY_CRITICAL,
    SG_SEVERITY_COUNT
};
const char *sg_severity_name(enum sg_severity s); /* "info" ...; NULL out of range */
int sg_severity_from_name(const char *name);      /* enum value, or -ENOENT */

enum sg_decision {
    SG_DECISION_SKIPPED, /* nothing was looked at: the request said so, where that is allowed */
    SG_DECISION_ALLOWED,
    SG_DECISION_REJECTED,
    SG_DECISION_COUNT
};
const char *sg_decision_name(enum sg_decision d); /* "allowed" ...; NULL out of range */

#define SG_SCORE_MAX     100
#define SG_FINDINGS_MAX  200 /* kept; more are counted */
#define SG_SNIPPET_BYTES 120
#define SG_HASH_SIZE     17 /* 16 hexadecimal digits and NUL */

struct sg_finding {
    const char *rule;   /* borrowed: lives as long as the validator */
    const char *remedy; /* borrowed, alike; "" when there is none */
    char *message;      /* owned */
    char *snippet;      /* owned: the source line, cut; UTF-8 */
    enum sg_severity severity;
    unsigned score;                              /* under the policy of the verdict */
    unsigned file;                               /* index of the source */
    uint32_t line, column, end_line, end_column; /* from 1; columns count code points */
};

struct sg_verdict {
    enum sg_decision decision;
    unsigned score;     /* sum of the distinct rules, at most SG_SCORE_MAX */
    unsigned threshold; /* at or over it the policy refuses */
    char policy[65];
    char policy_version[SG_HASH_SIZE]; /* of the policy and of the rules it is applied to */
    struct sg_finding *findings;       /* owned; by file, line, column */
    size_t nfindings;
    size_t omitted;            /* found, but not kept */
    struct sg_imports imports; /* of the files that could be looked at */
    uint64_t took_us;
};

void sg_verdict_done(struct sg_verdict *v);

/* One sentence that names the worst rules, for `error`; "" unless the decision is a refusal. */
void sg_verdict_sentence(const struct sg_verdict *v, char *ret, size_t n);

#endif
