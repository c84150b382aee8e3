/*
 * create.h: the container that a run gets, from the configuration and the limits to what the Engine
 * is asked for, and back: does what it says of a container equal that? Pure.
 */
#ifndef SG_DOCKER_CREATE_H
#define SG_DOCKER_CREATE_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/docker/replies.h"
#include "core/model/limits.h"

#define SG_DOCKER_LABEL "sandgate.instance"

/* Of the limits what belongs to the container; the others are the run's. */
struct sg_container_limits {
    uint64_t memory_bytes, processes, cpu_percent;
};
struct sg_container_limits sg_container_limits_of(const struct sg_limits *l);

/* Body of POST /containers/create, the caller's to free; NULL: no memory. image: an id; outer: the
   filter as JSON. */
char *sg_container_create(const struct sg_config *cfg, const char *image, const char *outer,
                          const struct sg_container_limits *l);

/* Body of POST /containers/ID/update: a whole CPU for what is left to do there. */
#define SG_CONTAINER_WHOLE_CPU "{\"CpuPeriod\":100000,\"CpuQuota\":100000}"

/* Which layers does what the Engine says of the container give (SG_LAYER_BITs)? Those that are seen
   from inside, too, are in force only where both say so. info: what its kernel can do. */
uint32_t sg_container_layers(const struct sg_reply_container *c, const struct sg_reply_info *info);
/* 0; SG_E_LAYER when the container is not as it was asked for, whatever layers there are. */
int sg_container_check(const struct sg_reply_container *c, const struct sg_config *cfg,
                       const char *image, const struct sg_container_limits *l,
                       struct sg_error *err);

#endif
