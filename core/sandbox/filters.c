#include "core/sandbox/filters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/sandbox/plan.h"

bool sg_filter_is_used(const struct sg_runtime *rt, enum sg_filter which, bool templates)
{
    bool is_template = templates && strcmp(rt->start, "template") == 0;
    switch (which) {
    case SG_FILTER_RUN:
        return true;
    case SG_FILTER_COMPILE:
        return rt->compile.n > 0;
    case SG_FILTER_AHEAD:
        return strcmp(rt->start, "ahead") == 0;
    case SG_FILTER_CLONE:
    case SG_FILTER_TEMPLATE:
        return is_template;
    default:
        return false;
    }
}

static enum sg_profile_variant variant(const struct sg_runtime *rt, enum sg_filter which)
{
    switch (which) {
    case SG_FILTER_CLONE:
        return SG_PROFILE_CLONE;
    case SG_FILTER_TEMPLATE:
        return SG_PROFILE_TEMPLATE;
    case SG_FILTER_RUN:
        return rt->compile.n > 0 ? SG_PROFILE_PRODUCT : SG_PROFILE_PROGRAM;
    default:
        return SG_PROFILE_PROGRAM;
    }
}

int sg_filter_load(struct sg_profile *ret, const char *dir, const struct sg_runtime *rt,
                   enum sg_filter which, struct sg_error *err)
{
    const char *name = which == SG_FILTER_COMPILE ? rt->compile_profile : rt->profile;
    int r = sg_profile_load(ret, dir, name, variant(rt, which), err);
    if (r == 0 && ret->nfilter > SG_PLAN_FILTER)
        r = sg_error_set(err, SG_E_INVALID, "profile %s: %u instructions, at most %d", name,
                         ret->nfilter, SG_PLAN_FILTER);
    return r < 0 ? sg_error_wrap(err, "runtime %s", rt->language) : 0;
}

/* A template is no program: its plan is a clone's. */
static int check_plan(struct sg_program_plan *plan, const struct sg_config *cfg,
                      const struct sg_runtime *rt, enum sg_filter which,
                      const struct sg_profile *profile, struct sg_error *err)
{
    const struct sg_plan_facts facts = {.filter = profile->filter, .nfilter = profile->nfilter};
    struct sg_runtime stage = *rt; /* borrowed, all of it */
    if (which == SG_FILTER_TEMPLATE)
        return 0;
    if (which == SG_FILTER_COMPILE)
        stage = sg_runtime_compile_stage(rt);
    return sg_program_plan_build(plan, cfg, &stage, &cfg->limits_max, &facts, err);
}

static int check_runtime(struct sg_program_plan *plan, const struct sg_config *cfg,
                         const struct sg_runtime *rt, bool templates, struct sg_error *err)
{
    int r = 0;
    for (int which = 0; which < SG_FILTER_COUNT && r == 0; which++) {
        struct sg_profile profile = {.filter = NULL};
        if (!sg_filter_is_used(rt, which, templates))
            continue;
        r = sg_filter_load(&profile, cfg->profile_dir, rt, which, err);
        if (r == 0)
            r = check_plan(plan, cfg, rt, which, &profile, err);
        sg_profile_done(&profile);
    }
    return r;
}

int sg_filters_check(const struct sg_config *cfg, const struct sg_runtimes *runtimes,
                     bool templates, struct sg_error *err)
{
    sg_autofree struct sg_program_plan *plan = malloc(sizeof *plan);
    int r = plan ? 0 : sg_error_errno(err, ENOMEM, "checking the profiles");
    for (size_t i = 0; i < runtimes->n && r == 0; i++)
        r = check_runtime(plan, cfg, &runtimes->v[i], templates, err);
    return r;
}
