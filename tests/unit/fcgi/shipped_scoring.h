/* shipped_scoring.h: the risk score with the rules and policies that are shipped, for tests. */
#ifndef SG_TESTS_SHIPPED_SCORING_H
#define SG_TESTS_SHIPPED_SCORING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/model/runtime.h"
#include "fcgi/scoring.h"

/* Fills the struct, and the names of the policies in the order of the configuration. 0, or -1. */
static inline int shipped_scoring(struct sg_scoring *ret, struct sg_strings *policies)
{
    char rules[4096], policy[4096];
    const char *top = getenv("SG_SRCDIR");
    static const char *const names[] = {"strict", "balanced", "report"};
    struct sg_config cfg = {.validate = {.source_bytes = 512 << 10,
                                         .parse_ms = 60000,
                                         .nodes = 400000,
                                         .depth = 1000,
                                         .work = 4000000}};
    struct sg_error err = SG_ERROR_INIT;
    snprintf(rules, sizeof rules, "%s/packaging/conf/rules", top ? top : ".");
    snprintf(policy, sizeof policy, "%s/packaging/conf/policies.d", top ? top : ".");
    cfg.rules_dir = rules;
    cfg.policy_dir = policy;
    for (size_t i = 0; i < 3; i++)
        if (sg_strings_add(policies, names[i]) < 0)
            return -1;
    cfg.validate.policies = *policies; /* borrowed */
    int rc = sg_scoring_open(ret, &cfg, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.text);
    return rc < 0 ? -1 : 0;
}

#endif
