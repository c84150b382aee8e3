/*
 * policy.h: what is made of a risk score. Read from policies.d/NAME.conf (core/config/policies.h),
 * applied by core/validate.
 */
#ifndef SG_MODEL_POLICY_H
#define SG_MODEL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/runtime.h"

#define SG_POLICY_NAME_MAX 64

struct sg_policy {
    char name[SG_POLICY_NAME_MAX + 1];
    char *description;         /* owned */
    uint64_t threshold;        /* a score at or over it is refused */
    bool refuse;               /* off: findings are told, and nothing is refused */
    bool unscored;             /* languages without rules run all the same: nobody has looked */
    struct sg_strings off;     /* rules that do not count; "*" stands for any characters */
    struct sg_strings scores;  /* RULE=SCORE, "*" as well; the last that fits holds */
    struct sg_strings modules; /* may be imported: import rules do not count for them */
};

void sg_policy_done(struct sg_policy *p);

/* The rule's score under this policy, given its own; 0 when it is off. */
unsigned sg_policy_score(const struct sg_policy *p, const char *rule, unsigned score);
/* Is a module, or the one above it, among those that may be imported? */
bool sg_policy_allows_module(const struct sg_policy *p, const char *module);

/* Does text fit a pattern in which "*" stands for any run of characters? Linear in practice: one
   star is tried at a time, from the left. */
bool sg_policy_glob(const char *pattern, const char *text);

#endif
