/* request_screen.c: what a request wants of the risk score: `validate` and `policy`. See request.h
 */
#include <string.h>

#include "core/base/cleanup.h"
#include "fcgi/request_internal.h"

static void tell_no_rules(struct sg_parse *p)
{
    sg_problem_set(p->problem, SG_PROBLEM_VALIDATION_UNAVAILABLE, "there are no rules for %s",
                   p->runtime->language);
    if (p->rules->score_only)
        sg_problem_field(p->problem, "/language", "is %s, and there are no rules for it",
                         p->runtime->language);
    else
        sg_problem_field(p->problem, "/validate",
                         "is %s; there are no rules for %s, so it can only be run without a risk "
                         "score",
                         json_object_get(p->root, "validate") ? "true"
                                                              : "missing, which means true",
                         p->runtime->language);
}

/* Does the policy let a language run that there are no rules for? Where code must be validated,
   only the one that the operator has put first. */
static bool runs_unscored(const struct sg_parse *p, const struct sg_policy *policy)
{
    const struct sg_location *l = p->rules->location;
    return policy->unscored && !p->rules->score_only &&
           (!l->validate_required || strcmp(policy->name, l->policies.v[0]) == 0);
}

/* Whose rules hold for the language; without any it counts as not scored, or is refused. */
static void find_rules(struct sg_parse *p, const struct sg_policy *policy)
{
    struct sg_screen *screen = p->screen;
    const json_t *validate = json_object_get(p->root, "validate");
    if (screen->language || !p->runtime || (validate && !json_is_true(validate)))
        return; /* found already; or something has been told of */
    screen->language = sg_validator_language(p->rules->scoring->validator, p->runtime->rules);
    if (screen->language)
        return;
    if (runs_unscored(p, policy))
        screen->skip = true;
    else
        tell_no_rules(p);
}

void sg_parse_validate(struct sg_parse *p, const json_t *value)
{
    if (!sg_parse_type(p, !value || json_is_boolean(value), value, "/validate", "true or false"))
        return;
    if (!json_is_false(value))
        return; /* sg_parse_policy goes on */
    if (!p->rules->location->validate_required) {
        p->screen->skip = true;
        return;
    }
    /* Other mistakes go first: then the problem is invalid_request, with this as one of its fields.
     */
    sg_problem_set(p->problem, SG_PROBLEM_VALIDATION_REQUIRED, "%s", "");
    sg_problem_field(p->problem, "/validate", "is false; the operator requires validation");
}

static void list_policies(const struct sg_location *l, struct sg_buf *ret)
{
    for (size_t i = 0; i < l->policies.n; i++)
        sg_buf_printf(ret, "%s%s", i ? ", " : "", l->policies.v[i]);
}

/* Comes behind validate in the table. Where code must be validated, a client cannot choose that
   nothing is made of it; the operator can. */
void sg_parse_policy(struct sg_parse *p, const json_t *value)
{
    const struct sg_location *l = p->rules->location;
    sg_auto(sg_buf) struct sg_buf allowed = {0};
    const char *name = l->policies.n ? l->policies.v[0] : "";
    if (value)
        name = sg_parse_text(p, value, "/policy", SIZE_MAX);
    if (!name)
        return;
    const struct sg_policy *policy = sg_policies_find(&p->rules->scoring->policies, name);
    list_policies(l, &allowed);
    if (value && p->screen->skip) {
        sg_problem_field(p->problem, "/policy",
                         "says how to validate, and `validate` is false; allowed: one of the two");
    } else if (!policy || !sg_strings_has(&l->policies, name)) {
        sg_problem_field(p->problem, "/policy", "\"%.40s\" is not a policy here; allowed: %s", name,
                         allowed.data ? allowed.data : "none");
    } else if (value && l->validate_required && !policy->refuse &&
               strcmp(name, l->policies.v[0]) != 0) {
        sg_problem_field(p->problem, "/policy",
                         "\"%.40s\" refuses nothing, and the operator requires validation", name);
    } else if (!p->screen->skip) {
        p->screen->policy = policy;
        find_rules(p, policy);
    }
}
