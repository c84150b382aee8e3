/*
 * python_internal.h: what the parts of Python's row of the table of languages (language.h) know of
 * each other: python.c has the row, python_bind.c and python_values.c fill it. For them only.
 */
#ifndef SG_VALIDATE_PYTHON_INTERNAL_H
#define SG_VALIDATE_PYTHON_INTERNAL_H

#include "core/validate/analysis.h"
#include "core/validate/language.h"

/* ---- python_bind.c */

extern const struct sg_role_row sg_python_roles[];

/* "a.b.c" of a dotted_name or relative_import, without blanks; NULL without memory. */
const char *sg_python_module_path(struct sg_analysis *a, uint32_t node);

/* ---- python_values.c: members of struct sg_language, which says what they do */

const char *sg_python_name(struct sg_analysis *a, const char *text, size_t n);
const struct sg_value *sg_python_string(struct sg_analysis *a, uint32_t node);
const struct sg_value *sg_python_slice(struct sg_analysis *a, const struct sg_value *base,
                                       uint32_t index);
bool sg_python_call(struct sg_analysis *a, uint32_t call, const struct sg_value *function,
                    const struct sg_value **ret);
bool sg_python_method(struct sg_analysis *a, uint32_t call, const struct sg_value *base,
                      const char *name, const struct sg_value **ret);
const char *sg_python_canonical(struct sg_analysis *a, const char *path);
bool sg_python_member(struct sg_analysis *a, const struct sg_value *base, const char *name,
                      const struct sg_value **ret);

#endif
