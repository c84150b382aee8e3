/*
 * filters.h: which seccomp filters the processes of a runtime have: each is a profile of its file
 * in a variant. One table, so that `--check` loads just what the engine loads.
 *
 *     struct sg_profile prof;
 *     sg_filter_load(&prof, cfg->profile_dir, rt, SG_FILTER_RUN, &err);
 */
#ifndef SG_SANDBOX_FILTERS_H
#define SG_SANDBOX_FILTERS_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/runtimes.h"
#include "core/model/runtime.h"
#include "core/sandbox/profile.h"

enum sg_filter {
    SG_FILTER_RUN,      /* a program that is started cold */
    SG_FILTER_COMPILE,  /* its compiler */
    SG_FILTER_AHEAD,    /* an interpreter that waits */
    SG_FILTER_CLONE,    /* a template's clone */
    SG_FILTER_TEMPLATE, /* and the template */
    SG_FILTER_COUNT
};

/* Has a process of this runtime such a filter? templates: they can be had at all. */
bool sg_filter_is_used(const struct sg_runtime *rt, enum sg_filter which, bool templates);
/* 0; SG_E_INVALID with the profile's file, row and reason, or where the filter does not fit a plan;
   -errno. Call sg_profile_done() in any case. */
int sg_filter_load(struct sg_profile *ret, const char *dir, const struct sg_runtime *rt,
                   enum sg_filter which, struct sg_error *err);
/* Loads all, and plans the programs that have them: what the engine would fail at in its child,
   which would be started again for ever. Negative with err, which names the runtime. */
int sg_filters_check(const struct sg_config *cfg, const struct sg_runtimes *runtimes,
                     bool templates, struct sg_error *err);

#endif
