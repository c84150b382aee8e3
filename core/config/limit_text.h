/* limit_text.h: one limit as text, NAME=VALUE, as on the command line and in runtimes.d:
 *
 *     sg_limit_read("memory_bytes=64m", &limits, &info)     // limits.memory_bytes = 64 MiB
 */
#ifndef SG_CONFIG_LIMIT_TEXT_H
#define SG_CONFIG_LIMIT_TEXT_H

#include "core/config/value.h"
#include "core/model/limits.h"

/* What its values look like. */
enum sg_unit sg_limit_unit(const struct sg_limit_info *info);

/* Sets that limit, whatever its bounds, and *ret_info. 0; -EINVAL: no NAME=VALUE; -ENOENT: no limit
   of that name; -EDOM: no number of its unit. */
int sg_limit_read(const char *text, struct sg_limits *limits,
                  const struct sg_limit_info **ret_info);

#endif
