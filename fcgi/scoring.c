/* scoring.c: see scoring.h */
#include "fcgi/scoring.h"

#include <string.h>

#include "core/base/cleanup.h"

/* A misspelt rule would silently count, or not count. */
static int check_rules(const struct sg_scoring *s, const struct sg_policy *p, struct sg_error *err)
{
    char rule[128];
    for (size_t i = 0; i < p->off.n; i++)
        if (!sg_validator_has_rule(s->validator, p->off.v[i]))
            return sg_error_set(err, SG_E_INVALID, "policy %s: off: there is no rule \"%s\"",
                                p->name, p->off.v[i]);
    for (size_t i = 0; i < p->scores.n; i++) {
        size_t n = strcspn(p->scores.v[i], "=");
        if (n >= sizeof rule)
            return sg_error_set(err, SG_E_INVALID, "policy %s: scores: a name is too long",
                                p->name);
        memcpy(rule, p->scores.v[i], n);
        rule[n] = '\0';
        if (!sg_validator_has_rule(s->validator, rule))
            return sg_error_set(err, SG_E_INVALID, "policy %s: scores: there is no rule \"%s\"",
                                p->name, rule);
    }
    return 0;
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
        if (check_rules(s, &s->policies.v[i], err) < 0)
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
