/*
 * runtimes.h: runtimes.d/NAME.conf, one language per file.
 *
 *     struct sg_runtimes rts = {0};
 *     sg_runtimes_load(&rts, cfg.runtime_dir, &err);
 *     const struct sg_runtime *r = sg_runtimes_find(&rts, "py");
 */
#ifndef SG_CONFIG_RUNTIMES_H
#define SG_CONFIG_RUNTIMES_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/model/runtime.h"

#define SG_RUNTIMES_MAX 64
struct sg_runtimes {
    struct sg_runtime v[SG_RUNTIMES_MAX];
    size_t n;
};

/* Reads every *.conf of dir in the order of their names. A broken file is an error, not a gap. Two
   runtimes of the same language must differ in version; an alias of two languages is refused. */
int sg_runtimes_load(struct sg_runtimes *rts, const char *dir, struct sg_error *err);
void sg_runtimes_done(struct sg_runtimes *rts);
/* By language or alias; NULL. */
struct sg_runtime *sg_runtimes_find(struct sg_runtimes *rts, const char *name);
/* By file extension (without the dot); NULL. */
struct sg_runtime *sg_runtimes_by_extension(struct sg_runtimes *rts, const char *extension);

#endif
