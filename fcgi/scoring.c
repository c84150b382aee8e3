/* scoring.c: see scoring.h */
#include "fcgi/scoring.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"

/* A misspelt rule would silently count, or not count. */
static int check_rule(const struct sg_scoring *s, const char *dir, const struct sg_policy *p,
                      const char *key, const char *text, struct sg_error *err)
{
    sg_autofree char *rule = strndup(text, strcspn(text, "="));
    if (!rule)
        return sg_error_errno(err, ENOMEM, "policy %s", p->name);
    if (sg_validator_has_rule(s->validator, rule))
        return 0;
    return sg_error_set(err, SG_E_INVALID, "%s/%s.conf: %s: there is no rule \"%s\"", dir, p->name,
                        key, rule);
}

static int check_rules(const struct sg_scoring *s, const char *dir, const struct sg_policy *p,
                       struct sg_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < p->off.n && rc == 0; i++)
        rc = check_rule(s, dir, p, "off", p->off.v[i], err);
    for (size_t i = 0; i < p->scores.n && rc == 0; i++)
        rc = check_rule(s, dir, p, "scores", p->scores.v[i], err);
    return rc;
}

static int check_policies(const struct sg_scoring *s, const struct sg_config *cfg,
                          struct sg_error *err)
{
    for (size_t i = 0; i < cfg->validate.policies.n; i++)
        if (!sg_policies_find(&s->policies, cfg->validate.policies.v[i]))
            return sg_error_set(
                err, SG_E_INVALID, "validate.policies names \"%s\", and there is no %s/%s.conf",
                cfg->validate.policies.v[i], cfg->policy_dir, cfg->validate.policies.v[i]);
    for (size_t i = 0; i < s->policies.n; i++)
        if (check_rules(s, cfg->policy_dir, &s->policies.v[i], err) < 0)
            return err->code;
    return 0;
}

int sg_scoring_open(struct sg_scoring *ret, const struct sg_config *cfg, struct sg_error *err)
{
    ret->bounds = (struct sg_bounds){.source_bytes = cfg->validate.source_bytes,
                                     .parse_ms = cfg->validate.parse_ms,
                                     .nodes = cfg->validate.nodes,
                                     .depth = cfg->validate.depth,
                                     .work = cfg->validate.work};
    int rc = sg_validator_open(&ret->validator, cfg->rules_dir, err);
    if (rc == 0)
        rc = sg_policies_load(&ret->policies, cfg->policy_dir, err);
    if (rc == 0)
        rc = check_policies(ret, cfg, err);
    if (rc < 0)
        sg_scoring_done(ret);
    return rc;
}

void sg_scoring_done(struct sg_scoring *s)
{
    sg_validator_close(s->validator);
    sg_policies_done(&s->policies);
    *s = (struct sg_scoring){0};
}

int sg_scoring_admits(const struct sg_scoring *s, const struct sg_config *cfg,
                      const struct sg_strings *policies, struct sg_error *err)
{
    const struct sg_strings *own = &cfg->validate.policies;
    if (cfg->worker.allow_unvalidated || policies->n == 0 ||
        (own->n > 0 && strcmp(policies->v[0], own->v[0]) == 0))
        return 0;
    const struct sg_policy *first = sg_policies_find(&s->policies, policies->v[0]);
    if (!first || (first->refuse && !first->unscored))
        return 0; /* a name that there is not is told to whoever asks for it */
    return sg_error_set(err, SG_E_INVALID,
                        "location parameter SANDGATE_POLICY puts \"%s\" first, which %s, and "
                        "worker.allow_unvalidated is off; allowed: a stricter one, or what "
                        "validate.policies puts first",
                        policies->v[0],
                        first->refuse ? "lets code run that is not scored" : "refuses nothing");
}

const struct sg_policy *sg_scoring_offers(const struct sg_scoring *s, const struct sg_location *l,
                                          const char *name, bool run)
{
    const struct sg_policy *policy = sg_policies_find(&s->policies, name);
    if (!policy || !sg_strings_has(&l->policies, name))
        return NULL;
    bool chosen = strcmp(name, l->policies.v[0]) != 0;
    return run && l->validate_required && chosen && !policy->refuse ? NULL : policy;
}

bool sg_scoring_serves(const struct sg_scoring *s, const struct sg_location *l,
                       const struct sg_runtime *rt)
{
    if (!sg_location_offers(l, rt))
        return false;
    if (!l->validate_required || sg_validator_language(s->validator, rt->rules))
        return true;
    const struct sg_policy *first =
        l->policies.n ? sg_policies_find(&s->policies, l->policies.v[0]) : NULL;
    return first && first->unscored;
}

void sg_scoring_sources(const struct sg_job *job, struct sg_source *ret)
{
    for (size_t i = 0; i < job->nfiles; i++) {
        const struct sg_bytes *content = &job->files[i].content;
        ret[i] =
            (struct sg_source){job->files[i].path, content->data ? content->data : "", content->n};
    }
}

int sg_scoring_apply(const struct sg_scoring *s, const struct sg_screen *screen,
                     const struct sg_job *job, struct sg_verdict *ret, struct sg_error *err)
{
    struct sg_source sources[SG_FILES_MAX];
    sg_scoring_sources(job, sources);
    return sg_validate(s->validator, screen->language, sources, job->nfiles, screen->policy,
                       &s->bounds, ret, err);
}
