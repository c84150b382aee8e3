/* host.h: facts of this host that plans are made from: looked up once, when the executor starts. */
#ifndef SG_SANDBOX_HOST_H
#define SG_SANDBOX_HOST_H

#include "core/config/config.h"
#include "core/sandbox/cgroup.h"
#include "core/sandbox/plan.h"

/* Fills all of *ret but the ids, the filter and the lab's switches. To be called in the executor's
   user namespace. 0 or -errno. */
int sg_host_facts(struct sg_plan_facts *ret, const struct sg_config *cfg,
                  const struct sg_cgroups *cgroups, bool two_ids, struct sg_error *err);

#endif
