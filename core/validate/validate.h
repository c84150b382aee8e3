/*
 * validate.h: source text in, verdict out. After sg_validator_open nothing is read or written.
 *
 *     sg_validator_open(&v, "/etc/sandgate/rules", &err);
 *     sg_validate(v, "python", sources, n, &policy, &bounds, &verdict);
 *     if (verdict.decision == SG_DECISION_REJECTED) ...
 *     sg_verdict_done(&verdict);
 *
 * What it finds is advice: the sandbox is the border. One thread at a time.
 */
#ifndef SG_VALIDATE_VALIDATE_H
#define SG_VALIDATE_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/model/policy.h"
#include "core/model/verdict.h"
#include "core/validate/bounds.h"

struct sg_validator;

struct sg_source {
    const char *path; /* as the request names it; its extension tells whether it is code */
    const char *text;
    size_t n;
};

struct sg_rule_info {
    const char *id, *message, *remedy; /* borrowed: live as long as the validator */
    enum sg_severity severity;
    unsigned score;
};

#define SG_RULE_FILE_BYTES_MAX ((size_t)1 << 20)

/* Reads every LANGUAGE.scm and LANGUAGE-*.scm of dir for the languages that there are. A language
   without LANGUAGE.scm is not offered. 0; SG_E_INVALID ("file:line:column: …"), -errno. */
int sg_validator_open(struct sg_validator **ret, const char *dir, struct sg_error *err);
void sg_validator_close(struct sg_validator *v);

/* The language's own name, for a name or alias; NULL when it has no rules. */
const char *sg_validator_language(const struct sg_validator *v, const char *name);
/* The same for a file extension, without its dot. */
const char *sg_validator_by_extension(const struct sg_validator *v, const char *extension);
/* Names of the languages that there are rules for, by index; NULL behind the last. */
const char *sg_validator_list(const struct sg_validator *v, size_t index);

/* Rule number i of a language, bounds among them; false behind the last. */
bool sg_validator_rule(const struct sg_validator *v, const char *language, size_t i,
                       struct sg_rule_info *ret);
/* Does a pattern of a policy ("python.import.*") fit a rule of some language? */
bool sg_validator_has_rule(const struct sg_validator *v, const char *pattern);
/* 16 hexadecimal digits that change when a rule file or a grammar does. */
void sg_validator_version(const struct sg_validator *v, char ret[SG_HASH_SIZE]);
/* The same for a policy together with the rules that it is applied to. */
void sg_validator_policy_version(const struct sg_validator *v, const struct sg_policy *p,
                                 char ret[SG_HASH_SIZE]);

/* Default bounds. */
void sg_bounds_default(struct sg_bounds *ret);

/* Scores the sources, of which [0] is the program's entry and is code whatever its name, and says
   which modules they import, wherever in them and whatever the policy makes of it. 0;
   SG_E_INVALID: no rules for that language; -ENOMEM. */
int sg_validate(struct sg_validator *v, const char *language, const struct sg_source *sources,
                size_t n, const struct sg_policy *policy, const struct sg_bounds *bounds,
                struct sg_verdict *ret, struct sg_error *err);

#endif
