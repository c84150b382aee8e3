/*
 * netns.h: empty network namespaces made ahead of need.
 *
 * Of all namespaces this one costs most to make, some 400 microseconds. The executor makes a few
 * while it has nothing better to do; a launcher enters one before it clones pid 1. They belong to
 * the executor's user namespace, so that a box has no capability over its own network at all; each
 * is used by one box and dies with it.
 *
 *     sg_netns_leave_host(&err);                // once: the executor itself has no network either
 *     struct sg_netns_pool pool = SG_NETNS_POOL_INIT;
 *     sg_netns_refill(&pool, 4);
 *     int fd = sg_netns_take(&pool);            // -1: none is ready, clone with CLONE_NEWNET
 */
#ifndef SG_SANDBOX_NETNS_H
#define SG_SANDBOX_NETNS_H

#include <stddef.h>

#include "core/base/error.h"

#define SG_NETNS_POOL_MAX 16

struct sg_netns_pool {
    int home;                     /* owned: the executor's own */
    int spare[SG_NETNS_POOL_MAX]; /* owned */
    size_t n;
};
#define SG_NETNS_POOL_INIT                                                                         \
    {                                                                                              \
        .home = -1                                                                                 \
    }

/* Moves the calling process into an empty network namespace of its user namespace. 0 or -errno. */
int sg_netns_leave_host(struct sg_error *err);
/* Makes one more, up to `most`. 1 when one was made, 0 when there are enough or none can be made.
 */
int sg_netns_refill(struct sg_netns_pool *p, size_t most);
/* A descriptor that is the caller's, or -1. */
int sg_netns_take(struct sg_netns_pool *p);
void sg_netns_pool_done(struct sg_netns_pool *p);

#endif
