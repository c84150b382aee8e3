/*
 * outer.h: the filter that the Engine loads for a container: the profile of the runtime, with what
 * sandgate-boot and the OCI runtime have to do before the program runs. The program itself is under
 * the profile as it is written, too, which sandgate-boot loads (boot.h); of two filters the
 * stricter answer counts, and of two errors the newer filter's (seccomp(2)).
 */
#ifndef SG_DOCKER_OUTER_H
#define SG_DOCKER_OUTER_H

#include <stdbool.h>

#include "core/base/error.h"

/* Reads DIR/NAME.json, which has been checked (core/sandbox/profile.h). by_descriptor: what is
   executed is a product (core/sandbox/product.h). The JSON text, the caller's to free; NULL with
   err set. */
char *sg_outer_filter(const char *dir, const char *name, bool by_descriptor, struct sg_error *err);

#endif
