/* request_screen.c: what a request wants of the risk score: `validate` and `policy`. See request.h
 */
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/request_internal.h"

/* Does the policy let a language run that there are no rules for? Where code must be validated,
   only the one that the operator has put first. */
static bool runs_unscored(const struct sg_parse *p, const struct sg_policy *policy)
{
    const struct sg_location *l = p->rules->location;
    return policy && policy->unscored && !p->rules->score_only &&
           (!l->validate_required || strcmp(policy->name, l->policies.v[0]) == 0);
}

static void tell_skip(struct sg_parse *p)
{
    sg_problem_field(p->problem, "/validate",
                     "is %s; there are no rules for %s, so it can only be run without a risk score",
                     json_object_get(p->root, "validate") ? "true" : "missing, which means true",
                     p->runtime->language);
    if (p->problem->id == SG_PROBLEM_VALIDATION_UNAVAILABLE) /* not one entry among others */
        sg_str_copy(p->problem->hint, sizeof p->problem->hint,
                    "send \"validate\": false to run the code in the sandbox without a risk score");
}

/* What is advised is what would be taken: nothing where the code is scored alone; where it must be
   validated, at most the policy that the operator has put first. */
static void tell_no_rules(struct sg_parse *p, const struct sg_policy *policy)
{
    const char *language = p->runtime->language;
    const char *first = p->rules->location->policies.v[0];
    sg_problem_set(p->problem, SG_PROBLEM_VALIDATION_UNAVAILABLE, "there are no rules for %s",
                   language);
    if (p->rules->score_only)
        sg_problem_field(p->problem, "/language", "is %s, and there are no rules for it", language);
    else if (!p->rules->location->validate_required)
        tell_skip(p);
    else if (runs_unscored(p, sg_policies_find(&p->rules->scoring->policies, first)))
        sg_problem_field(p->problem, "/policy",
                         "is %s, which runs nothing that there are no rules for; allowed for %s: "
                         "%s",
                         policy->name, language, first);
    else
        sg_problem_field(p->problem, "/language",
                         "is %s; there are no rules for it, and this location runs nothing without "
                         "a risk score",
                         language);
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
        tell_no_rules(p, policy);
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

static void tell_policies(struct sg_parse *p, const char *name)
{
    const struct sg_location *l = p->rules->location;
    sg_auto(sg_buf) struct sg_buf allowed = {0};
    for (size_t i = 0; i < l->policies.n; i++)
        if (sg_scoring_offers(p->rules->scoring, l, l->policies.v[i], !p->rules->score_only))
            sg_buf_printf(&allowed, "%s%s", allowed.len ? ", " : "", l->policies.v[i]);
    sg_problem_field(p->problem, "/policy", "\"%.40s\" %s; allowed: %s", name,
                     sg_strings_has(&l->policies, name)
                         ? "refuses nothing, and the operator requires validation"
                         : "is not a policy here",
                     allowed.data ? allowed.data : "none");
}

/* Comes behind validate in the table. */
void sg_parse_policy(struct sg_parse *p, const json_t *value)
{
    const struct sg_location *l = p->rules->location;
    const char *name = l->policies.n ? l->policies.v[0] : "";
    if (value)
        name = sg_parse_text(p, value, "/policy", SIZE_MAX);
    if (!name)
        return;
    const struct sg_policy *policy =
        sg_scoring_offers(p->rules->scoring, l, name, !p->rules->score_only);
    if (value && p->screen->skip) {
        sg_problem_field(p->problem, "/policy",
                         "says how to validate, and `validate` is false; allowed: one of the two");
    } else if (!policy) {
        tell_policies(p, name);
    } else if (!p->screen->skip) {
        p->screen->policy = policy;
        find_rules(p, policy);
    }
}
