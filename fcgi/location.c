/* location.c: see location.h */
#include "fcgi/location.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/str.h"
#include "core/model/policy.h"

static void limit_parameter(const struct sg_limit_info *info, char *ret, size_t n)
{
    snprintf(ret, n, "SANDGATE_MAX_%s", info->name);
    for (char *c = ret; *c; c++)
        *c = (char)toupper((unsigned char)*c);
}

static int read_limits(struct sg_location *l, sg_param_fn *param, void *arg, struct sg_error *err)
{
    char name[64];
    for (size_t i = 0; i < sg_limit_count; i++) {
        const struct sg_limit_info *info = &sg_limit_table[i];
        uint64_t value;
        limit_parameter(info, name, sizeof name);
        const char *text = param(arg, name);
        if (!text || !*text)
            continue;
        if (sg_str_to_u64(text, &value) < 0 || value < info->min)
            return sg_error_set(err, SG_E_INVALID,
                                "location parameter %s is \"%s\"; allowed: a "
                                "number from %llu",
                                name, text, (unsigned long long)info->min);
        uint64_t *max = sg_limit_at(&l->max, info), *dflt = sg_limit_at(&l->dflt, info);
        *max = value < *max ? value : *max;
        *dflt = *dflt < *max ? *dflt : *max;
    }
    return 0;
}

/* The words of a parameter, separated by blanks or commas. Separators alone are a mistake ("$a $b",
   and both are empty): no word would mean that all are allowed. */
static int read_words(struct sg_strings *ret, const char *name, const char *all, size_t max,
                      struct sg_error *err)
{
    const char *text = all;
    char word[SG_POLICY_NAME_MAX + 1];
    bool any = !text || !*text; /* as if it were not set: then nothing is asked for */
    while (text && *text) {
        size_t n = strcspn(text, " ,");
        if (n > max || n >= sizeof word)
            return sg_error_set(err, SG_E_INVALID,
                                "location parameter %s has a name that is too long", name);
        memcpy(word, text, n);
        word[n] = '\0';
        int rc = n > 0 ? sg_strings_add(ret, word) : 0;
        if (rc < 0)
            return sg_error_errno(err, -rc, "location parameter %s", name);
        any |= n > 0;
        text += n;
        text += strspn(text, " ,");
    }
    if (!any)
        return sg_error_set(err, SG_E_INVALID, "location parameter %s is \"%s\" and names nothing",
                            name, all);
    return 0;
}

/* Some of the names that a list of the configuration lets requests name, or all of them. */
static int read_some(struct sg_strings *ret, const char *name, const char *key,
                     const struct sg_strings *allowed, const char *text, struct sg_error *err)
{
    int rc = read_words(ret, name, text, SG_POLICY_NAME_MAX, err);
    for (size_t i = 0; i < ret->n && rc == 0; i++)
        if (!sg_strings_has(allowed, ret->v[i]))
            rc = sg_error_set(err, SG_E_INVALID,
                              "location parameter %s names \"%s\"; allowed: what %s of the "
                              "configuration names",
                              name, ret->v[i], key);
    for (size_t i = 0; i < allowed->n && rc == 0 && (!text || !*text); i++)
        if (sg_strings_add(ret, allowed->v[i]) < 0)
            rc = sg_error_errno(err, ENOMEM, "%s", key);
    return rc;
}

static int read_validate(struct sg_location *l, const char *text, struct sg_error *err)
{
    if (!text || !*text)
        return 0;
    if (strcmp(text, "required") != 0)
        return sg_error_set(err, SG_E_INVALID,
                            "location parameter SANDGATE_VALIDATE is \"%s\"; "
                            "allowed: required",
                            text);
    l->validate_required = true;
    return 0;
}

/* Whoever asks is named by printable characters: it goes into messages and logs. */
static void read_client(struct sg_location *l, sg_param_fn *param, void *arg)
{
    const char *text = param(arg, "SANDGATE_CLIENT");
    size_t n = 0;
    if (!text || !*text)
        text = param(arg, "REMOTE_ADDR");
    for (; text && *text && n < SG_CLIENT_MAX; text++)
        l->client[n++] = (char)(*text > 0x20 && *text < 0x7f ? *text : '_');
    l->client[n] = '\0';
}

int sg_location_read(struct sg_location *ret, const struct sg_config *cfg, sg_param_fn *param,
                     void *arg, struct sg_error *err)
{
    *ret = (struct sg_location){.dflt = cfg->limits_default,
                                .max = cfg->limits_max,
                                .validate_required = !cfg->worker.allow_unvalidated,
                                .trace_denied_syscalls = cfg->native.trace_denied_syscalls};
    read_client(ret, param, arg);
    int rc = read_limits(ret, param, arg, err);
    if (rc == 0)
        rc = read_words(&ret->languages, "SANDGATE_LANGUAGES", param(arg, "SANDGATE_LANGUAGES"),
                        SG_LANGUAGE_MAX, err);
    if (rc == 0)
        rc = read_some(&ret->policies, "SANDGATE_POLICY", "validate.policies",
                       &cfg->validate.policies, param(arg, "SANDGATE_POLICY"), err);
    if (rc == 0)
        rc = read_some(&ret->engines, "SANDGATE_ENGINE", "worker.engines", &cfg->worker.engines,
                       param(arg, "SANDGATE_ENGINE"), err);
    if (rc == 0)
        rc = read_validate(ret, param(arg, "SANDGATE_VALIDATE"), err);
    if (rc < 0)
        sg_location_done(ret);
    return rc;
}

bool sg_location_offers(const struct sg_location *l, const struct sg_runtime *rt)
{
    for (size_t i = 0; i < l->languages.n; i++)
        if (sg_runtime_answers_to(rt, l->languages.v[i]))
            return true;
    return l->languages.n == 0;
}

bool sg_location_offers_name(const struct sg_location *l, const char *language)
{
    return l->languages.n == 0 || sg_strings_has(&l->languages, language);
}

enum sg_engine sg_location_engine(const struct sg_location *l)
{
    int engine = l->engines.n > 0 ? sg_engine_from_name(l->engines.v[0]) : SG_ENGINE_NATIVE;
    return engine < 0 ? SG_ENGINE_NATIVE : (enum sg_engine)engine;
}

void sg_location_done(struct sg_location *l)
{
    sg_strings_done(&l->engines);
    sg_strings_done(&l->languages);
    sg_strings_done(&l->policies);
}
