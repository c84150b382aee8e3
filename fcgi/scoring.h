/*
 * scoring.h: the risk score as a worker has it: rules, policies, bounds; and what one request wants
 * of it.
 *
 *     sg_auto(sg_scoring) struct sg_scoring scoring = {0};
 *     if (sg_scoring_open(&scoring, &cfg, &err) < 0) ...      // at start: files are read here
 *     sg_scoring_apply(&scoring, &screen, &job, &verdict, &err);
 */
#ifndef SG_FCGI_SCORING_H
#define SG_FCGI_SCORING_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/policies.h"
#include "core/model/job.h"
#include "core/validate/validate.h"
#include "fcgi/location.h"

struct sg_scoring {
    struct sg_validator *validator; /* owned; NULL: nothing can be scored */
    struct sg_policies policies;
    struct sg_bounds bounds;
};

/* What a request wants. */
struct sg_screen {
    bool skip; /* it said "validate": false, and may */
    const struct sg_policy
        *policy;          /* borrowed: lives as long as the sg_scoring; NULL when skipped */
    const char *language; /* whose rules; borrowed, alike */
};

/* Reads rules and policies, and checks that they fit each other and the configuration. 0;
   SG_E_INVALID or -errno. */
int sg_scoring_open(struct sg_scoring *ret, const struct sg_config *cfg, struct sg_error *err);
void sg_scoring_done(struct sg_scoring *s);

/* May a location have these policies? Where the configuration requires validation
   (worker.allow_unvalidated), none may come first that undoes it, unless it is the configuration's
   own first. 0; SG_E_INVALID. */
int sg_scoring_admits(const struct sg_scoring *s, const struct sg_config *cfg,
                      const struct sg_strings *policies, struct sg_error *err);

/* May a client name this policy at the location, for code that is to run? Where it must be
   validated, none may be chosen that refuses nothing, unless the operator has put it first. Scored
   alone (run false) all of the location's may be named. Returns the policy, or NULL. */
const struct sg_policy *sg_scoring_offers(const struct sg_scoring *s, const struct sg_location *l,
                                          const char *name, bool run);

/* Can code for this runtime be run at the location, whatever its request says? Not where it must be
   validated and there are no rules for its language, unless the policy that comes first lets such
   code run. */
bool sg_scoring_serves(const struct sg_scoring *s, const struct sg_location *l,
                       const struct sg_runtime *rt);

/* The job's files as sources; room for SG_FILES_MAX. What they point to is the job's. */
void sg_scoring_sources(const struct sg_job *job, struct sg_source *ret);

/* Scores the job's files. 0 with the verdict (sg_verdict_done it), or a negative code. */
int sg_scoring_apply(const struct sg_scoring *s, const struct sg_screen *screen,
                     const struct sg_job *job, struct sg_verdict *ret, struct sg_error *err);

#endif
