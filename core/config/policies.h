/*
 * policies.h: policies.d/NAME.conf, one policy per file, named after it.
 *
 *     struct sg_policies policies = {0};
 *     sg_policies_load(&policies, cfg.policy_dir, &err);
 *     const struct sg_policy *p = sg_policies_find(&policies, "strict");
 */
#ifndef SG_CONFIG_POLICIES_H
#define SG_CONFIG_POLICIES_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/model/policy.h"

#define SG_POLICIES_MAX 32
struct sg_policies {
    struct sg_policy v[SG_POLICIES_MAX];
    size_t n;
};

/* Reads every *.conf of dir in the order of their names. A broken file is an error, not a gap:
   SG_E_INVALID with "file:line: key: what is wrong; allowed: ...". Whether the rules that a policy
   names exist is for whoever has the rules to find out. */
int sg_policies_load(struct sg_policies *ret, const char *dir, struct sg_error *err);
void sg_policies_done(struct sg_policies *p);
/* By name; NULL. */
const struct sg_policy *sg_policies_find(const struct sg_policies *p, const char *name);

#endif
