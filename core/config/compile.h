/* compile.h: the keys of a runtime that are about its compile stage. Used by runtimes.c alone. */
#ifndef SG_CONFIG_COMPILE_H
#define SG_CONFIG_COMPILE_H

#include "core/base/error.h"
#include "core/config/fields.h"
#include "core/model/runtime.h"

/* For sg_field.check: NAME=VALUE of a limit, within what makes sense. */
const char *sg_compile_limit_check(const char *value);
/* Of a runtime with a compile stage. 0, or SG_E_INVALID with the key. */
int sg_compile_check(const struct sg_fields *f, const struct sg_runtime *r, struct sg_error *err);
/* Of one without: the other keys mean nothing then. */
int sg_compile_check_absent(const struct sg_fields *f, const struct sg_runtime *r,
                            struct sg_error *err);
/* compile_limits of the file over the defaults. */
void sg_compile_fill_limits(struct sg_runtime *r);

#endif
