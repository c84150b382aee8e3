#include "core/model/policy.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"

void sg_policy_done(struct sg_policy *p)
{
    free(p->description);
    sg_strings_done(&p->off);
    sg_strings_done(&p->scores);
    sg_strings_done(&p->modules);
    *p = (struct sg_policy){0};
}

bool sg_policy_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *from = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            from = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

unsigned sg_policy_score(const struct sg_policy *p, const char *rule, unsigned score)
{
    char pattern[128];
    for (size_t i = 0; i < p->off.n; i++)
        if (sg_policy_glob(p->off.v[i], rule))
            return 0;
    for (size_t i = p->scores.n; i > 0; i--) {
        const char *equals = strchr(p->scores.v[i - 1], '=');
        size_t n = equals ? (size_t)(equals - p->scores.v[i - 1]) : sizeof pattern;
        uint64_t value;
        if (n >= sizeof pattern)
            continue;
        memcpy(pattern, p->scores.v[i - 1], n);
        pattern[n] = '\0';
        if (sg_policy_glob(pattern, rule) && sg_str_to_u64(equals + 1, &value) == 0)
            return (unsigned)value;
    }
    return score;
}

bool sg_policy_allows_module(const struct sg_policy *p, const char *module)
{
    for (size_t i = 0; i < p->modules.n; i++) {
        size_t n = strlen(p->modules.v[i]);
        if (strncmp(module, p->modules.v[i], n) == 0 && (module[n] == '\0' || module[n] == '.'))
            return true;
    }
    return false;
}
