/*
 * match.h: what of a file the rules find.
 *
 *     struct sg_matches m = {.analysis = &a, .rules = rules, .policy = policy};
 *     sg_match(&m);                     // m.found[0 .. m.n)
 *     free(m.found);
 */
#ifndef SG_VALIDATE_MATCH_H
#define SG_VALIDATE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/imports.h"
#include "core/model/policy.h"
#include "core/validate/analysis.h"
#include "core/validate/rules.h"

struct sg_found {
    unsigned rule;
    uint32_t node;
};

struct sg_matches {
    struct sg_analysis *analysis; /* borrowed, as are the others */
    const struct sg_rules *rules;
    const struct sg_policy *policy;
    struct sg_found *found; /* owned by the caller */
    size_t n, size;
    struct sg_imports *imports; /* gets what is imported; NULL: nobody asks */
    bool failed;                /* no memory */
};

/* What #file? asks about a file as a whole. */
#define SG_FILE_SYNTAX_ERROR    "syntax-error"    /* a part does not parse */
#define SG_FILE_UNPARSED_DANGER "unparsed-danger" /* and has a dangerous word in it */
#define SG_FILE_ENCODING        "source-encoding" /* it declares one that we do not read */
#define SG_FILE_BINARY          "binary-file"     /* code that is no text */

/* Finds everything; each rule once per place. What exceeds a bound is in analysis->breach. */
void sg_match(struct sg_matches *m);

/* Does text hold, as a word, a name that a rule of at least that score is about? */
bool sg_match_suspicious(const struct sg_rules *rules, const char *text, size_t n,
                         unsigned least_score);

#endif
