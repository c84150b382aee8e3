/*
 * runtimes.h: runtimes.d/NAME.conf, one language per file.
 *
 *     struct sg_runtimes rts = {0};
 *     sg_runtimes_load(&rts, cfg.runtime_dir, &err);
 *     const struct sg_runtime *r = sg_runtimes_find(&rts, "py");
 */
#ifndef SG_CONFIG_RUNTIMES_H
#define SG_CONFIG_RUNTIMES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/model/runtime.h"

#define SG_RUNTIMES_MAX 64
struct sg_runtimes {
    struct sg_runtime v[SG_RUNTIMES_MAX];
    size_t n;
    size_t left_out; /* of those behind the n: see sg_runtimes_leave_out */
    bool for_images; /* left out is what has no image: see sg_runtimes_for_images */
};

/* Reads every *.conf of dir in the order of their names. A broken file is an error, not a gap. Two
   runtimes of the same language must differ in version; an alias of two languages is refused. */
int sg_runtimes_load(struct sg_runtimes *rts, const char *dir, struct sg_error *err);
void sg_runtimes_done(struct sg_runtimes *rts);
/* By language or alias; NULL. */
struct sg_runtime *sg_runtimes_find(struct sg_runtimes *rts, const char *name);
/* By file extension (without the dot); NULL. */
struct sg_runtime *sg_runtimes_by_extension(struct sg_runtimes *rts, const char *extension);

/* Sets aside each optional runtime whose interpreter is not below root (NULL, "": the host's), so
   that it is in no list and no trial run; says how many. They stay owned, and lie behind the
   others: v[n] and on. Before any pointer into v is kept. */
size_t sg_runtimes_leave_out(struct sg_runtimes *rts, const char *root);
/* For the Docker engine: sets aside those without an image in the same way, makes image_command the
   command of the others (the compiler, of one that is compiled), and "ahead" of a start by
   template. */
size_t sg_runtimes_for_images(struct sg_runtimes *rts);
/* One that was set aside, by language or alias; NULL. */
const struct sg_runtime *sg_runtimes_left_out(const struct sg_runtimes *rts, const char *name);

#endif
