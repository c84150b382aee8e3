/*
 * userns.h: the outer user namespace U that the executor works in, and the ids of boxes.
 *
 * Whatever the executor could be made to do is bounded by U: inside it is root over a range of host
 * ids that own nothing, outside it is nobody. Started as root, U's range comes from the
 * configuration; as an ordinary user, from subuid and subgid through newuidmap and newgidmap, or
 * else U is just that user ("0 UID 1").
 *
 *     supervisor                                      working child
 *     sg_userns_plan(&u, base, count, &err);          sg_userns_enter(channel)   // unshare, then
 * waits sg_userns_map(&u, pid, &err);                   // is root of U, without the host's groups
 */
#ifndef SG_SANDBOX_USERNS_H
#define SG_SANDBOX_USERNS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"

struct sg_userns {
    uint32_t root_uid, root_gid;   /* host ids of U's 0 */
    uint32_t first_uid, first_gid; /* host ids of U's 1, 2, ...: */
    uint32_t count;                /* how many of these; 0: no range, boxes have one id */
    bool by_helper;                /* maps are written by newuidmap and newgidmap */
    char why[160];                 /* why there is no range */
};

/* Decides; reads /etc/subuid and /etc/subgid for an ordinary user. 0 or -errno. */
int sg_userns_plan(struct sg_userns *ret, uint64_t base, uint64_t count, struct sg_error *err);
/* Writes the maps of a process that has unshared its user namespace. */
int sg_userns_map(const struct sg_userns *u, pid_t pid, struct sg_error *err);
/* In the child: new user namespace, tell "u" on the channel, wait for "m", become its root. 0 or
 * -errno. */
int sg_userns_enter(int channel, struct sg_error *err);

/* Ids of boxes: pairs out of U's range, handed out in turn so that one is used again as late as
 * possible. */
struct sg_box_ids {
    uint32_t pairs; /* 0: one id for all, U's 0 */
    uint32_t next, used;
    uint8_t *taken; /* owned; a byte per pair */
};
/* seed: where to begin; executors that share a range (embedded ones of root) begin at different
   places. 0 or -ENOMEM. */
int sg_box_ids_init(struct sg_box_ids *ids, uint32_t count, uint32_t seed);
void sg_box_ids_done(struct sg_box_ids *ids);
/* Index of a free pair, -EAGAIN when all are in use. Its ids: 1 + 2 * index (pid 1), 2 + 2 * index.
 */
int sg_box_ids_get(struct sg_box_ids *ids);
/* How many pairs are free; UINT32_MAX where all boxes have the same id. */
uint32_t sg_box_ids_left(const struct sg_box_ids *ids);
void sg_box_ids_put(struct sg_box_ids *ids, int index);

#endif
