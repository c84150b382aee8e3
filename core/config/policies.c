/* policies.c: see policies.h */
#include "core/config/policies.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/config/fields.h"
#include "core/model/verdict.h"

#define FIX               "install the files of policies.d, or set policy_dir"
#define THRESHOLD_DEFAULT 30

static const char rule_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_*";

static const char *check_threshold(const char *s)
{
    uint64_t n;
    return sg_str_to_u64(s, &n) < 0 || n < 1 || n > SG_SCORE_MAX
               ? "is no threshold; allowed: a whole number from 1 to 100"
               : NULL;
}

static const char *check_rule(const char *s)
{
    size_t n = strlen(s);
    return n == 0 || n > 63 || strspn(s, rule_letters) != n
               ? "is no rule; allowed: 1 to 63 of a-z 0-9 . - _ and *"
               : NULL;
}

static const char *check_score(const char *s)
{
    uint64_t score;
    size_t n = strspn(s, rule_letters);
    return n == 0 || n > 63 || s[n] != '=' || sg_str_to_u64(s + n + 1, &score) < 0 ||
                   score > SG_SCORE_MAX
               ? "is no score; allowed: RULE=SCORE, of 0 to 100"
               : NULL;
}

static const char *check_module(const char *s)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-@";
    size_t n = strlen(s);
    return n == 0 || n > 63 || strspn(s, letters) != n
               ? "is no module; allowed: 1 to 63 letters, digits, _ . / - @"
               : NULL;
}

static const struct sg_field fields[] = {
#define AT(member) offsetof(struct sg_policy, member)
    {"description", SG_FIELD_TEXT, AT(description), false, sg_fields_check_line, 0},
    {"threshold", SG_FIELD_NUMBER, AT(threshold), false, check_threshold, 0},
    {"refuse", SG_FIELD_BOOL, AT(refuse), false, NULL, 0},
    {"unscored", SG_FIELD_BOOL, AT(unscored), false, NULL, 0},
    {"off", SG_FIELD_SET, AT(off), false, check_rule, 0},
    {"scores", SG_FIELD_SET, AT(scores), false, check_score, 0},
    {"modules", SG_FIELD_SET, AT(modules), false, check_module, 0},
#undef AT
};

static const char *check_name(const char *s)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t n = strlen(s);
    return n == 0 || n > SG_POLICY_NAME_MAX || strspn(s, letters) != n
               ? "the file's name is no name of a policy; allowed: 1 to 64 letters, digits, _ -"
               : NULL;
}

static int add_policy(void *arg, const char *path, const char *name, struct sg_error *err)
{
    struct sg_policies *all = arg;
    const char *wrong = check_name(name);
    if (wrong)
        return sg_error_set(err, SG_E_INVALID, "%s: %s", path, wrong);
    if (all->n == SG_POLICIES_MAX)
        return sg_error_set(err, SG_E_INVALID, "%s: too many policies; allowed: at most %d", path,
                            SG_POLICIES_MAX);
    /* Counted at once, so that sg_policies_done frees what a broken file leaves behind. */
    struct sg_policy *p = &all->v[all->n++];
    *p = (struct sg_policy){.threshold = THRESHOLD_DEFAULT, .refuse = true};
    sg_str_copy(p->name, sizeof p->name, name);
    struct sg_fields f = {.fields = fields, .n = SG_ARRAY_LEN(fields), .object = p, .path = path};
    return sg_fields_load(&f, err);
}

int sg_policies_load(struct sg_policies *ret, const char *dir, struct sg_error *err)
{
    sg_policies_done(ret);
    int r = sg_fields_each_file(dir, "policy", FIX, add_policy, ret, err);
    if (r < 0)
        sg_policies_done(ret);
    return r;
}

void sg_policies_done(struct sg_policies *p)
{
    for (size_t i = 0; i < p->n; i++)
        sg_policy_done(&p->v[i]);
    p->n = 0;
}

const struct sg_policy *sg_policies_find(const struct sg_policies *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->v[i].name, name) == 0)
            return &p->v[i];
    return NULL;
}
