/* trials.h: one run of each runtime's probe, one after the other, whatever the engine: it tells
   whether programs of that language can be run, its version and its packages. */
#ifndef SG_EXEC_TRIALS_H
#define SG_EXEC_TRIALS_H

#include <stdbool.h>

#include "core/config/runtimes.h"
#include "core/exec/server.h"

struct sg_trials;

/* Begins; both are borrowed. only_failed: those that are known to be ready count as passed. done
   may free the trials, and may be called before this returns: *ret is set before. 0 or -ENOMEM. */
int sg_trials_start(struct sg_server *s, struct sg_runtimes *runtimes, bool only_failed,
                    void (*done)(void *arg, bool all_passed), void *arg, struct sg_trials **ret);
/* After done, or when the server ends first. */
void sg_trials_free(struct sg_trials *t);

#endif
