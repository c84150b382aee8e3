/*
 * javascript_internal.h: what the parts of JavaScript's row of the table of languages (language.h)
 * know of each other: javascript.c has the row, javascript_bind.c and javascript_values.c fill it.
 * For them only.
 */
#ifndef SG_VALIDATE_JAVASCRIPT_INTERNAL_H
#define SG_VALIDATE_JAVASCRIPT_INTERNAL_H

#include "core/validate/analysis.h"
#include "core/validate/language.h"

/* ---- javascript_bind.c */

extern const struct sg_role_row sg_javascript_roles[];

/* "fs" of a string node, without "node:"; NULL: not a constant. */
const char *sg_javascript_module(struct sg_analysis *a, uint32_t source);

/* ---- javascript_values.c: members of struct sg_language, which says what they do */

const char *sg_javascript_name(struct sg_analysis *a, const char *text, size_t n);
const struct sg_value *sg_javascript_string(struct sg_analysis *a, uint32_t node);
bool sg_javascript_call(struct sg_analysis *a, uint32_t call, const struct sg_value *function,
                        const struct sg_value **ret);
bool sg_javascript_method(struct sg_analysis *a, uint32_t call, const struct sg_value *base,
                          const char *name, const struct sg_value **ret);
const char *sg_javascript_canonical(struct sg_analysis *a, const char *path);
const struct sg_value *sg_javascript_unknown_member(struct sg_analysis *a, uint32_t object,
                                                    const char *name);

#endif
